/** A machine's way out, as its function's egress rules have it: the interface, and the files that resolvers read. */
import { O_CREAT, O_TRUNC, O_WRONLY } from "../abi/fcntl.ts";
import { S_IFREG } from "../abi/stat.ts";
import { FsContext } from "../fs/context.ts";
import type { Directory } from "../fs/inode.ts";
import { bytesOf } from "../fs/name.ts";
import { directoryAt, KERNEL_CALLER } from "../fs/root.ts";
import { BytesTransfer } from "../fs/transfer.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { networkOf } from "../kernel/network.ts";
import { Egress } from "../net/egress/egress.ts";
import { addressText, EgressRules } from "../net/egress/rules.ts";
import { NAME_SERVER, OUTER_INET } from "../net/interfaces.ts";
import { Block } from "../wait/queue.ts";

/** Gives the machine's first network namespace what `texts` allow. Without rules it has no interface, and refuses with EACCES. */
export function openWayOut(kernel: Kernel, texts: readonly string[]): Egress {
  const rules = new EgressRules(texts);
  const device = rules.empty ? null : networkOf(kernel, kernel.namespaces.net).interfaces.addOuter();
  const egress = new Egress(rules, device, (message) => kernel.log("warn", message));
  kernel.outside = egress;
  if (!rules.empty) networkOf(kernel, kernel.namespaces.net).outside = egress;
  return egress;
}

/**
 * Writes /etc/resolv.conf, /etc/hosts and /etc/nsswitch.conf into the upper layer where the image has none, or an empty one, which
 * is what an exported container has. Throws NeedPage.
 */
export function writeResolverFiles(kernel: Kernel): void {
  const { vfs, hostname } = kernel;
  const etc = directoryAt(vfs, "/etc", 0o755);
  const files = {
    "resolv.conf": `nameserver ${NAME_SERVER}\n`,
    hosts: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${addressText(OUTER_INET)}\t${hostname}\n`,
    "nsswitch.conf": "passwd:\tfiles\ngroup:\tfiles\nhosts:\tfiles dns\nservices:\tfiles\nprotocols:\tfiles\n",
  };
  const context = new FsContext(vfs.rootLocation, vfs.rootLocation, 0);
  for (const [name, text] of Object.entries(files)) {
    const there = (etc.inode as Directory).lookup(name, KERNEL_CALLER);
    // A link, to a file of a service that does not run here, is left alone too.
    if (there && ((there.mode & 0o170000) !== S_IFREG || there.size > 0)) continue;
    const file = vfs.open(KERNEL_CALLER, context, etc, name, O_WRONLY | O_CREAT | O_TRUNC, 0o644);
    if (file instanceof Block) continue;
    file.write(KERNEL_CALLER, new BytesTransfer(bytesOf(text), vfs.environment.memory));
    file.close();
  }
}
