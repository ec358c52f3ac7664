# Indexed and associative arrays, mapfile, namerefs, expansion of each.
a=(zero one "two words" [5]=five)
echo ${#a[@]} "${!a[@]}" "${a[2]}" "${a[-1]}"
a+=(six); unset 'a[1]'; printf '<%s>' "${a[@]}"; echo
echo "${a[@]:1:2}" "${a[*]/o/0}" "${a[@]^^}" "${a[@]%e}"
declare -A m=([key]=value [other key]="other value")
m[new]=1; ((m[new]+=41))
for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort
[[ -v m[key] ]] && echo has key; [[ -v m[nokey] ]] || echo no nokey
declare -p a; declare -p m | tr ' ' '\n' | sort | head -4
mapfile -t lines; echo "${#lines[@]}: ${lines[1]}"
mapfile -d , -n 2 -s 1 parts <<<"a,b,c,d"; printf '[%s]' "${parts[@]}"; echo
readarray -t -C 'echo callback' -c 2 q < <(seq 5)
declare -n ref=a; ref[9]=nine; echo "${a[9]}" ${!ref}
swap() { local -n x=$1 y=$2; local t=$x; x=$y; y=$t; }
p=1 q2=2; swap p q2; echo $p $q2
IFS=,; echo "${a[*]}"; unset IFS
read -ra words <<<"split these words"; echo ${#words[@]} ${words[1]}
b=("${a[@]}"); b[0]=changed; echo ${a[0]} ${b[0]}
printf -v 'c[2]' %03d 7; echo "${c[@]@A}"
declare -i n=5; n+=3*2; echo $n
declare -l low=ABC; declare -u up=abc; echo $low $up
declare -r ro=1; (ro=2) ; echo "$?"
x=(1 2 3); echo $(( x[0] + x[1] * x[2] )) ${x[@]@Q} 
s="a b"; echo ${s@Q} ${s@U} "${s@A}"
