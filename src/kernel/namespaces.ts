/** Namespaces (namespaces(7)): what a thread sees of the machine as a whole. Immutable; clone(2) and unshare(2) replace them. */

/** uts_namespaces(7): what sethostname(2) and setdomainname(2) change. */
export class UtsNamespace {
  hostname: string;
  domainname: string;

  constructor(hostname: string, domainname: string) {
    this.hostname = hostname;
    this.domainname = domainname;
  }
}

/** ipc_namespaces(7): the identity that System V objects and POSIX message queues are kept under. */
export class IpcNamespace {}

export interface Namespaces {
  readonly uts: UtsNamespace;
  readonly ipc: IpcNamespace;
}

/** Those of a new thread or after unshare(2): new ones as asked, a new UTS namespace being a copy. */
export function renewed({ uts, ipc }: Namespaces, newUts: boolean, newIpc: boolean): Namespaces {
  return {
    uts: newUts ? new UtsNamespace(uts.hostname, uts.domainname) : uts,
    ipc: newIpc ? new IpcNamespace() : ipc,
  };
}
