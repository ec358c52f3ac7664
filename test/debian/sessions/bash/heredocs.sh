# Here-documents and here-strings, large ones too.
name=world
cat <<A
hello $name $(echo sub) $((1+2)) \$name \\ `echo tick`
A
cat <<'B'
hello $name $(echo sub) \
B
cat <<-C
	tabs removed
		twice
	C
cat <<D1; cat <<D2
first
D1
second
D2
cat <<<"string $name"
read -r a b c <<<"1 2 3 4"; echo "$c $b $a"
while read l; do echo "line: $l"; done <<X | tr a-z A-Z
alpha
beta
X
big=$(seq 20000)
wc -c <<<"$big"
wc -l <<BIG
$big
$big
BIG
f() { cat; } <<F
function's own
F
f; f
cat <<E | (cat; exit 3)
piped
E
echo $?
cat 3<<T - <&3
other descriptor
T
