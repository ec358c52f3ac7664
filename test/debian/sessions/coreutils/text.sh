# Text filters.
cat >/tmp/t; cd /tmp
printf '%s\n' 10 9 2 33 1 100 5a 5 >n; sort n; sort -n n; sort -rn n; sort -R --random-source=/etc/passwd n | sort -c 2>&1; sort -u -k1.1,1.1 n
printf 'b 2\na 10\nc 1\na 3\n' >k; sort -k1,1 -k2,2nr k; sort -t' ' -k2n -s k; sort -c k; echo $?; sort -m <(sort n) <(sort k) | head -3; printf '1K\n2M\n5\n1G\n' | sort -h; printf 'Feb\nJan\n' | sort -M; printf 'v1.10\nv1.9\n' | sort -V
seq 100000 -1 1 | sort -n -S 1M --parallel=2 | md5sum
printf 'a\na\nb\nc\nc\nc\n' >u; uniq u; uniq -c u; uniq -d u; uniq -u u; uniq -D u | wc -l; printf 'A\na\n' | uniq -i
printf '1 a\n2 b\n4 d\n' >j1; printf '1 x\n3 y\n4 z\n' >j2; join j1 j2; join -a1 -a2 -e- -o 0,1.2,2.2 j1 j2; join -v1 j1 j2; comm j1 j2; comm -12 j1 j1
cut -d' ' -f2,4- t; cut -c1-3,7 t; cut -b-2 --complement t; cut -d: -f1,7 --output-delimiter=, /etc/passwd
tr a-z A-Z <t | tr -d '[:space:]' | tr -s O; echo; echo hello | tr 'a-y' 'b-z'; echo aabbcc | tr -s a-c; echo "a:b" | tr -c '[:alnum:]\n' _
od -c t | head -4; od -An -tx2z t | head -2; od -j4 -N8 -td1 t; printf '\0\377\001' | od -An -tu1 -to1; printf '\0\0\200?' | od -tf4
paste -d, n u; paste -s -d'+' n | sed 's/a//' ; expand <<<$'a\tb'; unexpand -a <<<'a               b' | od -c | head -1; fold -w 10 -s t; fmt -w 20 t; nl -ba t; pr -h x -l 12 -t -2 n | cat -A | head -4; column -t k
head -n -2 t; tail -n +3 t; head -c 10 t; tail -c 10 t; tail -n 1 n u; tac t; rev t; wc t n; wc -L t; wc -m <<<'äöü'
split -n 3 -d t part; ls part*; cat part* | cmp - t; split -l 2 --filter='echo $FILE; cat | wc -l' t; csplit -s -f c t /007/ '{*}'; ls c0*; cat c01; split -b 30 -a 3 t x; ls x*
tee a b <n >/dev/null; cmp a b; cmp n u; diff n u; diff -u --label x --label y n u; diff -y -W 20 n u; sdiff -s -w 20 n u; diff3 n u n; diff -r /sessions/bash /sessions/bash; diff -q n u; echo $?
ptx -G k | head -2; tsort <<<'a b b c d b'; shuf -i 1-10 --random-source=/etc/passwd | md5sum; shuf -e a b c | sort; seq -s, 1 .5 3; seq -w 8 11; seq -f %03g 3; factor 1234567890 97 18446744073709551615 600851475143; numfmt --to=iec 1048576 1500; numfmt --from=si 2K; basenc --base16 <<<abc
grep -n -i -E 'th?e|[0-9]{2}' t; grep -c o t; grep -v o t; grep -o '[a-z]*s\b' t; grep -rl 'coproc' /sessions/bash | sort; grep -q nothing t; echo $?; grep -A1 -B1 007 t; grep -P '(?<=la)zy' t; grep -F -x -f n n | wc -l; grep -w -m1 the t; grep x /none; echo $?
sed -n '2,3p;$=' t; sed 's/\(the\) \(\w*\)/\2 \1/I;/end/d' t; sed -e '1i\first' -e '$a last' -e '2c\changed' t; sed '/quick/,/end/{s/o/0/g;y/abc/ABC/}' t; sed -i.bak s/the/THE/ t; diff t t.bak; sed -n 'H;${x;s/\n/,/g;p}' n; sed '$!N;P;D' u; sed -E 's/(.)(.)/\2\1/g;w out' n >/dev/null; cat out; sed ':a;s/^\(\w*\)x\?$/\1/;n;ba' n | head -2; sed --debug -n p <<<x | head -5; sed 5q n; seq 10 | sed 0~3d
awk '{ n[length($1)]++; s += NF } END { for (i = 0; i < 20; i++) if (i in n) print i, n[i]; printf "%.3f %x %s\n", s / NR, 255, toupper("done") }' t; awk -F: '$3==0{print $1}' /etc/passwd; awk 'BEGIN{while(("seq 3"|getline x)>0)s+=x;print s; print substr("hello",2,3),index("abc","c"),match("foobar",/o+/),RSTART,RLENGTH; print length("x") sin(1) exp(1) int(-3.7) 2^10 %3; n=split("a,b,c",p,","); print n p[3]; gsub(/a/,"b",s); printf "%5.2f|%-5s|%c\n",3.14159,"ab",65; print "x" | "cat 1>&2"; close("cat 1>&2"); exit 3}'; echo $?
