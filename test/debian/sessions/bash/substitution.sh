# Process substitution, command substitution, and their statuses.
cat <(echo one) <(echo two; echo three)
diff <(printf 'a\nb\n') <(printf 'a\nc\n'); echo "diff: $?"
tee >(tr a-z A-Z >/tmp/upper) >(wc -c >/tmp/count) </dev/stdin | tail -1
until [ -s /tmp/count ] && [ $(stat -c %s /tmp/upper) = $(cat /tmp/count) ]; do sleep 0.01; done; cat /tmp/upper /tmp/count
while read -r a b; do echo "<$a|$b>"; done < <(printf 'x y z\nu\n')
exec 5< <(seq 3); read -u 5 first; read -u 5 second; echo $first $second; exec 5<&-
paste <(seq 3) <(seq 4 6) <(seq 7 9)
f() { cat "$1"; }; f <(echo through a function)
x=$(printf 'trailing\n\n\n'); echo "[$x]"
y=$(exit 3); echo $?
echo "$(echo "nested $(echo "deeper $(echo deepest)")")"
echo $(</etc/hosts)
z=`echo back\`echo ticks\``; echo $z
echo "$(cat <<E
here in substitution
E
)"
comm -12 <(sort <<<$'b\na\nc') <(sort <<<$'c\nb\nd')
wc -l < <(yes | head -1000)
join <(printf '1 a\n2 b\n') <(printf '1 x\n2 y\n')
ls -d /dev/fd/0 <(:) | sed 's/[0-9]*$/N/'
