# git between repositories: clone of a directory, over file:// and git:// (git-daemon on loopback), push, fetch, pull, bundle, submodule, worktree.
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.com GIT_PAGER=cat
export GIT_AUTHOR_DATE="1700000000 +0000" GIT_COMMITTER_DATE="1700000000 +0000" GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main GIT_CONFIG_KEY_1=protocol.file.allow GIT_CONFIG_VALUE_1=always
commit() { git -C $1 add -A; git -C $1 commit -qm "$2"; }
git init -q origin; for i in $(seq 60); do seq $i $((i * 20)) >origin/file$i; done; commit origin One; git -C origin repack -adq; echo two >origin/two; commit origin Two
git clone -q origin local; ls -i local/.git/objects/pack/*.pack | cut -d' ' -f1 | cmp -s - <(ls -i origin/.git/objects/pack/*.pack | cut -d' ' -f1) && echo 'hard links'
git clone file:///tmp/origin over 2>&1; git -C over log --oneline; git clone -q --bare origin bare.git; git clone -q --depth 1 file:///tmp/origin shallow; git -C shallow log --oneline | wc -l; git clone -q --shared origin shared; cat shared/.git/objects/info/alternates
git -C local remote set-url origin /tmp/bare.git; echo three >local/three; commit local Three; git -C local push origin main 2>&1; git -C bare.git log --oneline -1
git -C over remote set-url origin /tmp/bare.git; git -C over fetch 2>&1; git -C over status -sb; git -C over pull -q --ff-only; cat over/three
echo a >over/three; commit over A; echo b >local/three; commit local B; git -C over push -q; git -C local push -q 2>&1 | grep -o 'rejected.*'; git -C local pull -q --no-rebase; echo "pull $?"; git -C local status --short
printf '#!/bin/sh\nwhile read old new ref; do echo "received $ref"; done\n' >bare.git/hooks/post-receive; chmod +x bare.git/hooks/post-receive
git -C local checkout -q --theirs three; commit local Merged; git -C local push 2>&1 | grep received; git -C local push -q origin main:refs/heads/copy; git -C bare.git branch
touch bare.git/git-daemon-export-ok
git daemon --base-path=/tmp --listen=127.0.0.1 --port=9418 --enable=receive-pack --reuseaddr --log-destination=none & daemon=$!
until git ls-remote git://127.0.0.1/bare.git >refs 2>/dev/null; do sleep 0.05; done; cut -f2 refs
git clone git://127.0.0.1/bare.git network 2>&1; diff -r --exclude=.git network local && echo same; echo four >network/four; commit network Four; git -C network push -q; git -C bare.git log --oneline -1 --format=%s; git clone git://127.0.0.1/none 2>&1
kill $daemon; wait $daemon; echo "daemon $?"
git -C local bundle create -q /tmp/all.bundle --all; git -C local bundle verify /tmp/all.bundle 2>&1 | tail -1; git clone -q all.bundle unbundled; git -C unbundled rev-list --count --all
git -C local worktree add -q ../tree HEAD~1 2>&1; git -C local worktree list | sed 's/ [0-9a-f]\{7\} / ID /'; git -C tree status -sb; git -C local worktree remove ../tree
git init -q outer; git -C outer submodule --quiet add /tmp/bare.git inner; commit outer Outer; git clone -q --recurse-submodules outer again; ls again/inner | wc -l; git -C again submodule status | cut -d' ' -f3-
git -C local format-patch -q -1 HEAD~3 -o /tmp/patches; ls patches; git init -q applied; cp over/file* applied; commit applied Base; git -C applied am -q /tmp/patches/*.patch 2>&1; git -C applied log --format=%s
git -C bare.git fsck 2>&1; git -C local gc -q --prune=now --aggressive; git -C local count-objects -v | grep -E '^(count|packs|garbage)'; (cd local && git fast-export main | wc -l)
