import { EINVAL, Errno } from "../abi/errno.ts";

/** The family of a struct sockaddr. Throws EINVAL when it is too short to have one. */
export function familyOf(address: Uint8Array): number {
  if (address.length < 2) throw new Errno(EINVAL);
  return address[0] | (address[1] << 8);
}
