/**
 * Extended attributes of a tar entry, as archivers put them into pax headers: `SCHILY.xattr.<name>` has the value (star, GNU
 * tar, Docker), `SCHILY.acl.access` and `SCHILY.acl.default` an access control list as text (star, GNU tar, bsdtar).
 */
import {
  ACL_GROUP,
  ACL_GROUP_OBJ,
  ACL_MASK,
  ACL_OTHER,
  ACL_UNDEFINED_ID,
  ACL_USER,
  ACL_USER_OBJ,
  XATTR_NAME_MAX,
  XATTR_SIZE_MAX,
} from "../abi/xattr.ts";
import { type AclEntry, encodeAcl, requireValid } from "../fs/acl.ts";
import { byteString } from "../fs/name.ts";
import { ImportError } from "./error.ts";

const VALUE = "SCHILY.xattr.";
const ACLS: Record<string, string> = {
  "SCHILY.acl.access": "system.posix_acl_access",
  "SCHILY.acl.default": "system.posix_acl_default",
};
/** What the file systems here store (fs/xattr.ts). */
const KEPT = /^(user|trusted|security)\../s;

/** Names and values, byte strings; null when there are none. `what` names the entry in messages. */
export function attributesOfEntry(pax: ReadonlyMap<string, string>, what: string): Record<string, string> | null {
  const found = new Map<string, string>();
  for (const [key, value] of pax) {
    if (ACLS[key] !== undefined) {
      if (value !== "") found.set(ACLS[key], aclOfText(value, what));
    } else if (key.startsWith(VALUE)) {
      const name = key.slice(VALUE.length);
      if (!KEPT.test(name) && !Object.values(ACLS).includes(name)) continue;
      if (name.length > XATTR_NAME_MAX || value.length > XATTR_SIZE_MAX)
        throw new ImportError(`${what}: an extended attribute of ${value.length} bytes`);
      found.set(name, value);
    }
  }
  return found.size > 0 ? Object.fromEntries(found) : null;
}

const TAGS: Record<string, readonly [own: number, named: number]> = {
  user: [ACL_USER_OBJ, ACL_USER],
  group: [ACL_GROUP_OBJ, ACL_GROUP],
  mask: [ACL_MASK, 0],
  other: [ACL_OTHER, 0],
};
const ORDER = [ACL_USER_OBJ, ACL_USER, ACL_GROUP_OBJ, ACL_GROUP, ACL_MASK, ACL_OTHER];

/**
 * A list in the long text form (acl(5)), its entries on lines or with commas between them: "user:name:rwx:1000". The
 * archiver's numeric id is taken if it is there; names are not looked up.
 */
function aclOfText(text: string, what: string): string {
  const entries: AclEntry[] = [];
  for (const line of text.split(/[,\n]/)) {
    const [word] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (word === "") continue;
    const [kind, name, rights, number] = word.split(":");
    const tags = TAGS[kind];
    const id = /^\d+$/.test(number ?? "") ? number : name;
    const tag = tags?.[name ? 1 : 0];
    if (!tag || !/^[r-][w-][x-]$/.test(rights ?? "") || (name && !/^\d+$/.test(id)))
      throw new ImportError(`${what}: ${JSON.stringify(word)} is no entry of an access control list with numeric ids`);
    const bits = (rights[0] === "r" ? 4 : 0) | (rights[1] === "w" ? 2 : 0) | (rights[2] === "x" ? 1 : 0);
    entries.push({ tag, rights: bits, id: name ? Number(id) : ACL_UNDEFINED_ID });
  }
  entries.sort((a, b) => ORDER.indexOf(a.tag) - ORDER.indexOf(b.tag) || a.id - b.id);
  try {
    requireValid(entries);
  } catch {
    throw new ImportError(`${what}: ${JSON.stringify(text)} is no access control list`);
  }
  return byteString(encodeAcl(entries, { uid: (id) => id, gid: (id) => id }));
}
