# Parameter expansion, patterns, extglob, regular expressions, braces, arithmetic.
v=/usr/local/lib/file.tar.gz
echo ${v##*/} ${v%/*} ${v#*.} ${v%%.*} ${v/l/L} ${v//l/L} ${v/#\/usr/ROOT} ${v/%gz/xz} ${#v} ${v:5:5} ${v: -2}
unset u; echo ${u:-default} ${u:=set} $u ${u:+alternative} ${#u}
(echo ${nothing:?must be set}); echo $?
echo {a,b}{1..3} {01..10..3} {z..v} pre{x,y{1,2}}post
shopt -s extglob nullglob globstar dotglob
mkdir -p /tmp/g/a/b /tmp/g/c; touch /tmp/g/{1.txt,2.c,.hidden} /tmp/g/a/3.txt /tmp/g/a/b/4.txt; cd /tmp/g
echo *.txt; echo **/*.txt; echo !(*.txt|a); echo @(1|2).*; echo *; echo nomatch*; echo [[:digit:]]*; echo ?([0-9]).c
shopt -u nullglob; echo nomatch*
case foobar in +(fo|ob)ar) echo no;; foo@(bar|baz)) echo matched;;& f*) echo also;& x) echo fell;; esac
[[ "2024-01-15" =~ ^([0-9]+)-([0-9]+)-([0-9]+)$ ]] && echo "${BASH_REMATCH[@]:1}"
re='^(a|b)*c{2,3}$'; for s in abcc abc cccc aaccc; do [[ $s =~ $re ]] && echo $s; done
[[ abc == a* && ! abc == "a*" && b > a ]] && echo glob
echo $((2**10)) $((17%5)) $((-17/5)) $((0x1f+010+2#101)) $((1<<40)) $((~5)) $((5>3?10:20)) $((i=3,i++,i)) $((9223372036854775807+1))
((i++ > 3)) && echo $i; let 'j = i * 2' k=j+1; echo $j $k
for ((i=0,j=10; i<j; i+=3,j--)); do echo -n "$i,$j "; done; echo
echo $((1/0)); echo "after $?"
echo "${v^}" "${v^^[a-l]}" ~root
set -- a b c d; echo $# "$@" "${@:2:2}" "${!#}" ; shift 2; echo "$*"
printf '%q %s %5.2f %-5d| %05d %x %o %e %c %b\n' "a b'\$" str 3.14159 42 42 255 8 12345.678 char 'tab\tx'
printf '%(%Y-%m-%d)T %s\n' 86400 x; printf '%s-' a b c; echo; printf '%*d|%-*d|\n' 5 1 5 2
echo -e 'a\tb\x41\u00e9\n' ; echo $'\x41\t\u20ac\'' ; echo $"translated"
eval 'echo eval $((1+1))'; var=v; echo ${!var}
echo ${!BASH_VERS*}
IFS=: read -r a b c <<<"x:y:z:w"; echo "$a $b $c"
