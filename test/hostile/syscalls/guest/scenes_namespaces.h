/* Sequences about namespaces and mounts. */

static const u64 NAMESPACES[] = {CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP};
static const char *const NAMESPACE_FILES[] = {"/proc/self/ns/mnt", "/proc/self/ns/uts", "/proc/self/ns/ipc", "/proc/self/ns/user", "/proc/self/ns/pid",
                                              "/proc/self/ns/net", "/proc/self/ns/cgroup", "/proc/self/ns/pid_for_children", "/proc/2/ns/mnt", "/proc/3/ns/pid", "/proc/4/ns/net"};

/* Mounts of its own, with the rights to change them. */
static void detach(struct fuzzer *f) {
    CALL(NR_unshare, CLONE_NEWNS | (one_in(f, 3) ? OF(f, NAMESPACES) : 0) | (CALL(NR_geteuid) ? CLONE_NEWUSER : 0));
    if (one_in(f, 3)) CALL(NR_mount, 0, "/", 0, odd(f, 0x4000 | 1u << (17 + below(f, 4))), 0);
}

static void build_mount(struct fuzzer *f) {
    static const char *const systems[] = {"tmpfs", "tmpfs", "proc", "devpts", "mqueue", "overlay", "sysfs"};
    static const char *const keys[] = {"size", "mode", "source", "ro", "uid", "nr_inodes", "lowerdir", "newinstance"};
    static const char *const values[] = {"64k", "700", "none", "5", "100", "d0", "", "/tmp/d0"};
    if (one_in(f, 2)) detach(f);
    long context = remember(f, CONFIGURATION, one_in(f, 4) ? CALL(NR_fspick, -100, path(f), odd(f, 0)) : CALL(NR_fsopen, OF(f, systems), odd(f, one_in(f, 2))));
    for (int i = below(f, 4); i > 0; i--) {
        u32 key = below(f, 8);
        if (one_in(f, 3)) CALL(NR_fsconfig, context, 0, one_in(f, 2) ? "ro" : "newinstance", 0, 0);
        else CALL(NR_fsconfig, context, odd(f, 1), keys[key], text(f, values[one_in(f, 4) ? below(f, 8) : key]), odd(f, 0));
    }
    CALL(NR_fsconfig, context, odd(f, one_in(f, 8) ? 7 : 6), 0, 0, 0);
    long mount = remember(f, MOUNTED, CALL(NR_fsmount, context, odd(f, one_in(f, 2)), odd(f, one_in(f, 2) ? 1u << below(f, 8) : 0)));
    CALL(NR_read, context, room(f, 200), 200);
    if (one_in(f, 3)) CALL(NR_openat, mount, "inside", 0102, 0666);
    u64 to = one_in(f, 2) ? (u64)"d1" : path(f);
    CALL(NR_move_mount, odd(f, mount), "", -100, to, odd(f, 4));
    long tree = remember(f, MOUNTED, CALL(NR_open_tree, -100, one_in(f, 2) ? to : path(f), odd(f, (one_in(f, 2) ? 1 : 0) | (one_in(f, 3) ? 0x8000 : 0) | one_in(f, 2) * 02000000)));
    u64 *attributes = room(f, 32);
    memset(attributes, 0, 32);
    attributes[0] = odd(f, 1u << below(f, 8)), attributes[1] = one_in(f, 3) ? odd(f, 1u << below(f, 8)) : 0, attributes[2] = one_in(f, 3) ? 1u << 17 + below(f, 4) : 0;
    CALL(NR_mount_setattr, one_in(f, 2) ? tree : mount, "", odd(f, 0x1000 | one_in(f, 3) * 0x8000), attributes, odd(f, 32));
    CALL(NR_move_mount, tree, "", -100, "d0", odd(f, 4));
    CALL(NR_close, CALL(NR_open, path(f), 0102, 0666));
    CALL(NR_umount2, one_in(f, 2) ? (u64)"d1" : path(f), odd(f, below(f, 16)));
    if (one_in(f, 2)) CALL(NR_close, mount);
    if (one_in(f, 2)) CALL(NR_close, tree);
    if (one_in(f, 2)) CALL(NR_close, context);
}

/* Bind mounts of bind mounts, moved, shared, and taken away again. */
static void pile_mounts(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    detach(f);
    static const char *const places[] = {"d0", "d1", "d0/d2", "/tmp", "d1/d2", "f0", "d0/f0", ".", "/"};
    for (int i = below(f, 16); i > 0; i--) {
        const char *from = OF(f, places), *to = OF(f, places);
        switch (below(f, 9)) {
        case 0: CALL(NR_mount, "none", to, "tmpfs", 0, one_in(f, 2) ? (u64)"size=16k" : 0); break;
        case 1: case 2: CALL(NR_mount, from, to, 0, odd(f, 0x1000 | one_in(f, 2) * 0x4000), 0); break;
        case 3: CALL(NR_mount, from, to, 0, 0x2000, 0); break;
        case 4: CALL(NR_mount, 0, to, 0, odd(f, 1u << 17 + below(f, 4) | one_in(f, 2) * 0x4000), 0); break;
        case 5: CALL(NR_umount2, to, odd(f, below(f, 16))); break;
        case 6: CALL(NR_mkdir, one_in(f, 2) ? "d1/d2" : "d0/d2", 0777); break;
        case 7: CALL(NR_chdir, to); break;
        case 8: CALL(NR_unshare, CLONE_NEWNS); break;
        }
        if (one_in(f, 5)) CALL(NR_mount, 0, to, 0, odd(f, 0x1020 | 1u << below(f, 12)), 0);
        if (one_in(f, 8)) spawn(f);
        if (one_in(f, 8)) CALL(NR_close, CALL(NR_open, "/proc/self/mountinfo", 0));
    }
    leave(0);
}

static void change_root(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    detach(f);
    CALL(NR_mount, 0, "/", 0, 0x44000, 0);
    if (one_in(f, 2)) CALL(NR_mount, "none", "d1", "tmpfs", odd(f, 0), 0);
    else CALL(NR_mount, "d1", "d1", 0, 0x1000, 0);
    CALL(NR_mkdir, "d1/old", 0777);
    int stays = one_in(f, 2);
    if (stays) CALL(NR_chdir, "d1"), CALL(NR_pivot_root, ".", one_in(f, 2) ? "." : "old");
    else CALL(NR_pivot_root, one_in(f, 8) ? path(f) : (u64)"d1", one_in(f, 8) ? path(f) : (u64)"d1/old");
    if (one_in(f, 2)) CALL(NR_umount2, stays ? "." : "/old", odd(f, 2));
    if (one_in(f, 3)) CALL(NR_chroot, path(f));
    run(f, below(f, 30));
    leave(0);
}

/* What is mounted, asked by number; quotas, which nothing has. */
static void ask_mounts(struct fuzzer *f) {
    static u64 list[64];
    static const u64 commands[] = {0x800001, 0x800002, 0x800004, 0x800005, 0x800007, 0x5803, 0x5805, 0x5807};
    u64 *request = room(f, 64);
    memset(request, 0, 64);
    request[0] = odd(f, one_in(f, 2) ? 24 : 32), request[1] = odd(f, -1), request[2] = 0;
    long namespace = one_in(f, 3) ? of_kind(f, NAMESPACE) : 0;
    if (namespace > 0) *(u32 *)((u8 *)request + 4) = namespace;
    long count = CALL(NR_listmount, pointer(f, request, 32), list, odd(f, 1 + below(f, 63)), odd(f, one_in(f, 4)));
    for (int i = below(f, 8); i > 0; i--) {
        static const u64 masks[] = {-1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 0x3fff};
        u64 size = one_in(f, 4) ? below(f, 600) : 4096;
        request[1] = odd(f, count > 0 ? list[below(f, count)] : 1ul << 31 | below(f, 200)), request[2] = odd(f, OF(f, masks));
        CALL(NR_statmount, request, GOOD + below(f, 8) * PAGE, odd(f, size), odd(f, 0));
        if (one_in(f, 3)) request[2] = request[1], request[1] = -1, CALL(NR_listmount, request, list, 64, one_in(f, 2));
        if (one_in(f, 3)) CALL(NR_umount2, path(f), 2);
    }
    for (int i = below(f, 4); i > 0; i--) {
        u64 command = OF(f, commands) << 8 | odd(f, below(f, 3));
        if (one_in(f, 2)) CALL(NR_quotactl, command, one_in(f, 3) ? 0 : path(f), below(f, 2) * 1000, room(f, 128));
        else CALL(NR_quotactl_fd, of_kind(f, DIRECTORY), command, below(f, 2) * 1000, room(f, 128));
    }
}

/* Into other namespaces and back. */
static void visit(struct fuzzer *f) {
    long pid = branch(f);
    if (pid != 0) {
        await(f, pid);
        return;
    }
    int home[3];
    for (int i = 0; i < 3; i++) home[i] = remember(f, NAMESPACE, CALL(NR_open, OF(f, NAMESPACE_FILES), 0));
    for (int i = below(f, 4); i >= 0; i--) {
        u64 kind = OF(f, NAMESPACES);
        if (one_in(f, 2)) CALL(NR_unshare, odd(f, kind));
        else if (f->depth < 5 && CALL(NR_clone, kind | 17, 0, 0, 0, 0) == 0) {
            f->depth++;
            if (kind == CLONE_NEWUSER) {
                long map = CALL(NR_open, one_in(f, 3) ? "/proc/self/setgroups" : one_in(f, 2) ? "/proc/self/uid_map" : "/proc/self/gid_map", 1);
                CALL(NR_write, map, one_in(f, 3) ? (u64) "deny" : one_in(f, 2) ? (u64) "0 1000 1" : (u64) "0 0 1", one_in(f, 3) ? 4 : 8);
            }
        }
        CALL(NR_setns, odd(f, OF(f, home)), one_in(f, 2) ? 0 : odd(f, OF(f, NAMESPACES)));
        if (one_in(f, 3)) CALL(NR_ioctl, OF(f, home), odd(f, 0xb701 + below(f, 12)), room(f, 16));
        run(f, below(f, 12));
    }
    leave(0);
}
