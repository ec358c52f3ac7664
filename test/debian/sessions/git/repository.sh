# git: init, add, commit, log, diff, branch, merge with and without a conflict, rebase, stash, tag, blame, bisect, gc, fsck.
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.com GIT_PAGER=cat GIT_EDITOR=true
now=1700000000
commit() { now=$((now + 60)); GIT_AUTHOR_DATE="$now +0100" GIT_COMMITTER_DATE="$now +0000" git commit -q "$@"; }
export GIT_AUTHOR_DATE="1700009999 +0000" GIT_COMMITTER_DATE="1700009999 +0000"
git init -b main work; cd work; git config core.abbrev 10; git status
seq 20 >numbers; mkdir -p src/deep; echo 'int main(void) { return 0; }' >src/main.c; echo data >src/deep/data; ln -s src/main.c link; printf '#!/bin/sh\necho run\n' >run; chmod +x run
git add .; git status --short; commit -m 'First'; git log --stat
sed -i 's/^7$/seven/; 15d' numbers; echo '/* end */' >>src/main.c; git diff; git diff --stat; git add -A; commit -m 'Second' -m 'With a body.'
git mv src/deep/data src/moved; rm link; git status --porcelain=v2; commit -a -m 'Third: a rename'; git show --stat -M
git checkout -q -b topic HEAD~1; sed -i 's/^3$/three/' numbers; commit -a -m 'On a branch'; echo new >new; git add new; commit -m 'A new file'
git branch -v; git log --graph --oneline --all
git checkout -q main; git merge topic -m 'Merge topic' 2>&1; git log --graph --format='%h %an %cn %ad %s' --date=iso
git checkout -q -b left; sed -i 's/^10$/ten left/' numbers; commit -a -m 'Left'; git checkout -q main; sed -i 's/^10$/ten right/' numbers; commit -a -m 'Right'
git merge left; echo "merge $?"; git diff; git status --short; sed -i '/^[<=>]\{7\}/d' numbers; git add numbers; commit -m 'Merged by hand'; git log -1 --format='%p %s'
git checkout -q -b linear topic; git rebase main~1 2>&1 | tail -1; git log --oneline -3
git checkout -q main; echo dirty >>numbers; git stash -q; git status --short; git stash list; git stash pop -q; git diff --shortstat; git checkout -q numbers
git tag -a v1 -m 'Version one'; git tag light; git describe; git tag -n; git cat-file -p v1; git cat-file -p 'HEAD^{tree}'; git rev-parse HEAD main~2 v1
git blame -s numbers | sed -n '1,11p'; git grep -n 'seven\|main'; git ls-files -s; git shortlog -sn HEAD; git show HEAD~3:numbers | tail -2
for i in 1 2 3 4 5 6 7 8; do echo $i >>series; [ $i -ge 6 ] && echo bug >>series; git add series; commit -m "Step $i"; done
git bisect start HEAD HEAD~8 >/dev/null 2>&1; git bisect run sh -c '! grep -q bug series' 2>&1 | grep 'first bad'; git bisect reset 2>&1 | tail -1
git revert --no-edit HEAD >/dev/null; git cherry-pick HEAD~3 >/dev/null 2>&1; echo "cherry-pick $?"; git cherry-pick --abort; git reset -q --hard HEAD~1; git reflog | wc -l
git count-objects | sed 's/,.*//'; git -c pack.threads=1 gc -q; git count-objects -v | grep -E 'count|in-pack|packs'; git fsck --full --strict 2>&1 | sort | head -5; git verify-pack -v .git/objects/pack/*.idx | tail -3 | sed 's/: .*pack:/: pack/'
git archive --format=tar HEAD | tar -tf -; git rm -rq src; git status --short; git clean -nd; git reset -q --hard; git config --list --local
mkdir hooks; printf '#!/bin/sh\necho hook "$(git diff --cached --name-only)"; exit 1\n' >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; echo y >>new; commit -a -m No; echo "commit $?"
git nonsense; git log nothing; echo "status $?"
