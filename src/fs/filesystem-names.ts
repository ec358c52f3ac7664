/** The file systems that there are, as /proc/filesystems lists them; all but overlay can be mounted (kernel/filesystems.ts). */
export const FILE_SYSTEMS = ["sysfs", "tmpfs", "proc", "devtmpfs", "ramfs", "devpts", "mqueue", "overlay"] as const;
