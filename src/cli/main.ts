/** The `binlet` command. */
import { Command, CommanderError } from "commander";
import { CliError, DEFAULT_URL } from "./client.ts";
import { deploy, listFunctions, removeFunction } from "./deploy.ts";
import { importImage, listImages, removeImage } from "./image.ts";
import { invoke } from "./invoke.ts";
import { removeIpc } from "./ipcrm.ts";
import { listIpc } from "./ipcs.ts";
import { kill } from "./kill.ts";
import { listProcesses } from "./ps.ts";
import { run } from "./run.ts";

const collect = (value: string, all: string[]): string[] => [...all, value];
/** Exit status of binlet itself when it fails, as ssh and env use it: programs seldom do. */
const EXIT_FAILURE = 125;

const binlet = new Command("binlet")
  .description("Run x86-64 Linux binaries in Cloudflare Workers.")
  .enablePositionalOptions()
  .showHelpAfterError("(binlet COMMAND --help shows how a command is used)")
  .exitOverride()
  .addHelpText(
    "after",
    `
Examples:
  $ binlet run ./hello                           run a program here; no server is needed
  $ echo abc | binlet run --strace busybox tr a-z A-Z
  $ binlet deploy ./hello --name hello           make a program answer http://127.0.0.1:8787/hello
  $ binlet invoke hello/world                    ask it
  $ binlet image import rootfs.tar --name tools  put a root file system into the object store
  $ binlet deploy tools --name upper --invoke exec -- /bin/tr a-z A-Z

The server is that of "npm start" unless --url names another. The token comes from --token, $BINLET_TOKEN or .dev.vars.`,
  );

/** A command that talks to a server. */
function remote(command: Command): Command {
  return command
    .option("--url <url>", "the server", DEFAULT_URL)
    .option("--token <token>", "the server's BINLET_TOKEN (default: $BINLET_TOKEN, then .dev.vars)");
}

binlet
  .command("run")
  .description(
    "Run an executable in a workerd of its own, with this terminal's streams; exits with the program's status.",
  )
  .argument("<file>", "an x86-64 Linux executable")
  .argument("[args...]", "its arguments")
  .option("--root <dir|tar>", "the program's root directory, with its interpreter and libraries (default: the host's)")
  .option("--env <key=value>", "an environment variable (repeatable)", collect, [])
  .option("--cwd <dir>", "the working directory, within the root", "/")
  .option("--memory <MiB>", "the most memory that the program may have")
  .option("--egress <host:port>", "what the program may connect to; * for any (repeatable)", collect, [])
  .option("--namespace <name>", "give it pids and System V objects of a namespace (of this workerd's own)")
  .option("--strace", "print system calls as strace does, to standard error")
  .option("--stats", "print instructions, system calls, faults, object reads and memory afterwards, to standard error")
  .passThroughOptions()
  .addHelpText(
    "after",
    `
Options of binlet come before the file, those after it are the program's. A program that a signal n ended gives 128+n.

Examples:
  $ binlet run ./hello --flag
  $ binlet run --env LANG=C.UTF-8 --stats ./sort < words
  $ binlet run --root rootfs.tar /bin/sh -c 'ls -l / | head'`,
  )
  .action(async (file, args, options) => {
    process.exitCode = await run(file, args, options);
  });

remote(binlet.command("deploy"))
  .description("Upload a program or image, as far as it is new, and make it a function.")
  .argument(
    "<file|image>",
    "an executable, a root directory (with a slash) or its tar or tar.gz, or an image that is there",
  )
  .argument(
    "[args...]",
    "after --: arguments, which follow the program's own name (or are the command, for a tar without one)",
  )
  .requiredOption("--name <name>", "the function's name: the first part of its path")
  .option("--invoke <mode>", "cgi (RFC 3875) or exec (body to stdin, stdout is the response)", "cgi")
  .option("--env <key=value>", "an environment variable (repeatable)", collect, [])
  .option("--cwd <dir>", "the working directory")
  .option("--user <uid:gid>", "who the program runs as")
  .option(
    "--limit <key=number>",
    "cpuMs, wallMs, memoryMiB, processes, files, outputMiB or bodyMiB (repeatable)",
    collect,
    [],
  )
  .option("--egress <host:port>", "what the program may connect to (repeatable)", collect, [])
  .option("--namespace <name>", "functions that name the same one share pids, signals and System V objects")
  .addHelpText(
    "after",
    `
Examples:
  $ binlet deploy ./hello --name hello
  $ binlet deploy rootfs.tar --name report --env PATH=/bin -- /cgi/report
  $ binlet deploy ./convert --name convert --invoke exec --limit cpuMs=60000 -- --format png`,
  )
  .action(deploy);

remote(binlet.command("invoke"))
  .description("Send a request to a function and print the answer's body; exits with 1 when the status is 400 or more.")
  .argument("<function[/path][?query]>", "what to ask")
  .option("-X, --method <method>", "the method (default: GET, or POST with --data)")
  .option("-d, --data <data>", "the body: text, @FILE, or - for standard input")
  .option("-H, --header <name: value>", "a header (repeatable)", collect, [])
  .option("-i, --include", "print the status and headers too")
  .addHelpText(
    "after",
    `
Examples:
  $ binlet invoke hello/world
  $ binlet invoke upper --data - < words
  $ binlet invoke -i 'busybox/any?top=3' --data @README.md`,
  )
  .action(async (path, options) => {
    process.exitCode = await invoke(path, options);
  });

remote(binlet.command("ls")).description("List the functions.").action(listFunctions);

remote(binlet.command("rm"))
  .description("Remove functions; their images stay.")
  .argument("<name...>")
  .action(removeFunction);

/** A command about a namespace of a server. */
const ofNamespace = (command: Command): Command =>
  remote(command).requiredOption("--namespace <name>", "the namespace, as functions name it");

ofNamespace(binlet.command("ps"))
  .description("List the processes of a namespace, of all requests that run in it.")
  .addHelpText("after", "\nExample:\n  $ binlet ps --namespace shop")
  .action(listProcesses);

ofNamespace(binlet.command("kill"))
  .description("Send a signal to processes of a namespace; exits with 125 when one is not there.")
  .argument("<pid...>", "processes; -N after -- is process group N")
  .option("-s, --signal <signal>", "number or name; 0 asks whether it is there", "TERM")
  .addHelpText(
    "after",
    "\nExamples:\n  $ binlet kill --namespace shop 65\n  $ binlet kill --namespace shop -s HUP -- -65",
  )
  .action(kill);

ofNamespace(binlet.command("ipcs"))
  .description("List the System V message queues and semaphore sets of a namespace.")
  .addHelpText("after", "\nExample:\n  $ binlet ipcs --namespace shop")
  .action(listIpc);

ofNamespace(binlet.command("ipcrm"))
  .description("Remove System V objects of a namespace; who waits there gets EIDRM.")
  .option("-q, --queue-id <id>", "a message queue (repeatable)", collect, [])
  .option("-s, --semaphore-id <id>", "a semaphore set (repeatable)", collect, [])
  .addHelpText("after", "\nExample:\n  $ binlet ipcrm --namespace shop -q 3")
  .action(removeIpc);

const image = binlet.command("image").description("Images: root file systems, in chunks that are stored once.");

remote(image.command("import"))
  .description("Upload an executable, a tar or a tar.gz, as far as it is new.")
  .argument("<file>")
  .requiredOption("--name <name>", "the image's name")
  .addHelpText("after", "\nExample:\n  $ binlet image import rootfs.tar.gz --name tools")
  .action(importImage);

remote(image.command("ls")).description("List the images.").action(listImages);

remote(image.command("rm")).description("Remove images by name.").argument("<name...>").action(removeImage);

try {
  await binlet.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message; help asked for is no failure.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_FAILURE;
  } else if (error instanceof CliError) {
    console.error(`binlet: ${error.message}`);
    process.exitCode = EXIT_FAILURE;
  } else {
    throw error;
  }
}
