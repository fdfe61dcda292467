#!/bin/sh
# Collects what is needed to judge the elfcorehdr loaded on this machine, as
# root. It only reads, and makes one new folder and the archive of it; README.md
# describes the files. It needs a POSIX shell, dd, od, grep, ls, tar and gzip.
#
#   sh collect.sh [--root DIR] <new-folder>
#
# --root takes a made-up tree in place of /, for tests.
# The shell's built-ins read what there is one of for each CPU: the number of
# processes does not depend on the CPUs.

LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset IFS GREP_OPTIONS TAR_OPTIONS GZIP TIME_STYLE
umask 077
# Every file is new; a link that someone laid at its name is not followed.
set -C -f
nl='
'

refuse() {
  printf 'Cannot collect: %s\n' "$1" >&2
  exit 2
}

# A line for the bundle.
note() { printf '%s\n' "$1" >>"$out/collect"; }

# A line for both the bundle and its reader.
say() {
  printf '%s\n' "$1"
  note "$1"
}

# --- text files -------------------------------------------------------------

# A link in a made-up tree may lead out of it.
is_inside() {
  [ "$made_up" ] || return 0
  rest=$1 walked=$root
  while [ "$rest" ]; do
    walked=$walked/${rest%%/*}
    [ ! -h "$walked" ] || return 1
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
  done
}

# True if a path names a file that may be read; says so if it names another.
is_file() {
  [ -e "$root/$1" ] || [ -h "$root/$1" ] || return 1
  if [ -f "$root/$1" ] && is_inside "$1"; then return 0; fi
  say "not read: $1: must be a regular file, and no link of a made-up tree"
  return 1
}

# The words behind the last colon of dd's first line.
reason_of() {
  reason=${1%%"$nl"*}
  reason=${reason##*: }
}

# Copies one file, at most 1024 blocks of 4096 bytes; procfs gives less a block.
copy() {
  is_file "$1" || return 0
  [ -d "$out/${1%/*}" ] || mkdir -p "$out/${1%/*}"
  if ! answer=$(dd if="$root/$1" bs=4096 count=1024 2>&1 >"$out/$1"); then
    rm -f "$out/$1"
    reason_of "$answer"
    say "not read: $1: $reason"
    return 0
  fi
  records=${answer%% records in*}
  records=${records##*"$nl"}
  [ "$((${records%+*} + ${records#*+}))" -lt 1024 ] ||
    say "not read: $1: cut after 1024 blocks"
}

copy_text() {
  for path in proc/sys/kernel/arch proc/sys/kernel/osrelease \
    proc/sys/kernel/kptr_restrict proc/version proc/cmdline proc/iomem \
    etc/os-release sys/kernel/vmcoreinfo sys/kernel/security/lockdown \
    sys/kernel/debug/memblock/memory sys/kernel/kexec_crash_loaded \
    sys/kernel/kexec_crash_size sys/kernel/crash_elfcorehdr_size \
    sys/kernel/kexec/loaded sys/kernel/kexec/crash_loaded \
    sys/kernel/kexec/crash_size sys/kernel/kexec/crash_elfcorehdr_size \
    sys/kernel/kexec/crash_cma_ranges sys/kernel/fadump/enabled \
    sys/kernel/fadump/registered sys/devices/system/cpu/possible \
    sys/devices/system/cpu/present sys/devices/system/cpu/online \
    sys/devices/system/cpu/crash_hotplug \
    sys/devices/system/memory/crash_hotplug \
    sys/devices/system/memory/block_size_bytes; do
    copy "$path"
  done
  debug=$root/sys/kernel/debug
  [ ! -d "$debug" ] || [ -x "$debug" ] ||
    say 'not read: sys/kernel/debug/memblock/memory: Permission denied'
}

# Without privilege iomem and kallsyms have each line, and 0 for an address.
report_hidden() {
  [ -s "$out/$1" ] || return 0
  grep -q -E "$2" "$out/$1" ||
    say "not read: $1: its addresses are hidden (not root, or kptr_restrict)"
}

# Inputs of kexec-tools on ppc64le: memory, the reservation, RTAS and OPAL.
copy_device_tree() {
  [ -d "$root/proc/device-tree" ] || return 0
  set +f
  set -- "$root"/proc/device-tree/memory*/reg \
    "$root"/proc/device-tree/chosen/linux,* \
    "$root"/proc/device-tree/rtas/*rtas-* \
    "$root"/proc/device-tree/ibm,opal/opal-*
  set -f
  for path in proc/device-tree/\#address-cells proc/device-tree/\#size-cells; do
    copy "$path"
  done
  for path in ibm,lmb-size ibm,dynamic-memory ibm,dynamic-memory-v2; do
    copy "proc/device-tree/ibm,dynamic-reconfiguration-memory/$path"
  done
  for path; do copy "${path#"$root"/}"; done
}

# The files of CPUs that can be read: cpuN/crash_notes, cpuN/crash_notes_size.
list_notes() {
  dirs='' files=''
  set +f
  set -- "$root/$cpus"/cpu[0-9]*
  set -f
  for path; do
    cpu=${path##*/}
    case $cpu in cpu*[!0-9]*) continue ;; esac
    is_inside "$cpus/$cpu" || continue
    for file in crash_notes crash_notes_size; do
      [ -f "$path/$file" ] && is_inside "$cpus/$cpu/$file" || continue
      case $file in crash_notes) dirs="$dirs $cpu" ;; esac
      files="$files $cpu/$file"
    done
  done
}

# sysfs has a page for a file. A longer one is made up, and could be endless.
copy_notes() {
  cpus=sys/devices/system/cpu
  list_notes
  [ "$files" ] && [ -d "$out/$cpus" ] || return 0
  (cd "$out/$cpus" && mkdir -p . $dirs)
  (cd "$root/$cpus" && ls -dnL $files) | {
    failed=0
    while read -r _ _ _ _ size _ _ _ file; do
      [ "$size" -le 65536 ] &&
        { read -r line <"$root/$cpus/$file"; } 2>/dev/null &&
        printf '%s\n' "$line" 2>/dev/null >"$out/$cpus/$file" ||
        failed=$((failed + 1))
    done
    [ $failed -eq 0 ] ||
      say "not read: $cpus/cpuN/crash_notes, crash_notes_size: $failed files"
  }
}

copy_symbols() {
  is_file proc/kallsyms || return 0
  names='_text|_stext|_etext|_sinittext|_end|kexec_crash_image|crash_notes'
  names="$names|__per_cpu_offset|page_offset_base|phys_base|memstart_addr"
  names="$names|kimage_voffset|vmcoreinfo_note|kernel_map"
  mkdir -p "$out/proc"
  dd if="$root/proc/kallsyms" bs=4096 count=16384 2>/dev/null |
    grep -a -E "^[0-9a-f]{16} [A-Za-z] ($names)\$" >"$out/proc/kallsyms"
  [ -s "$out/proc/kallsyms" ] ||
    say "not read: proc/kallsyms: lists none of the wanted symbols"
}

# Programs of this machine show nothing of a made-up tree.
ask_programs() {
  [ ! "$made_up" ] || return 0
  [ -e "$out/proc/sys/kernel/arch" ] || {
    mkdir -p "$out/proc/sys/kernel"
    uname -m >"$out/proc/sys/kernel/arch"
  }
  set +f
  set -- /lib/ld-musl-*
  set -f
  if [ -e "$1" ]; then
    printf '%s\n' "musl ${1##*/}" >"$out/libc.version"
  elif command -v getconf >/dev/null; then
    getconf GNU_LIBC_VERSION >"$out/libc.version" 2>/dev/null
  fi
  ! command -v kexec >/dev/null ||
    kexec --version >"$out/kexec.version" 2>/dev/null
}

# --- addresses: 16 hex digits, which no shell can compute with ----------------

is_address() {
  case $1 in '' | *[!0-9a-f]*) return 1 ;; esac
  [ ${#1} -le 16 ]
}

# Sets padded to 16 digits.
pad() {
  padded=0000000000000000$1
  while [ ${#padded} -gt 16 ]; do padded=${padded#?}; done
}

# Sets high and low to $1 - $2; false if that is negative.
minus() {
  high=$((0x${1%????????} - 0x${2%????????}))
  low=$((0x${1#????????} - 0x${2#????????}))
  [ $low -ge 0 ] || high=$((high - 1)) low=$((low + 4294967296))
  [ $high -ge 0 ]
}

# Sets high and low to their sum with an address.
add() {
  high=$((high + 0x${1%????????}))
  low=$((low + 0x${1#????????}))
  [ $low -lt 4294967296 ] || high=$((high + 1)) low=$((low - 4294967296))
}

# True if high and low are below an address.
is_below() {
  [ $high -lt $((0x${1%????????})) ] || {
    [ $high -eq $((0x${1%????????})) ] && [ $low -lt $((0x${1#????????})) ]
  }
}

# Sets position from high and low; false if no file has such a one.
set_position() {
  [ $high -lt 2147483648 ] && position=$((high * 4294967296 + low))
}

# Sets number to a size, at most the second argument.
bounded() {
  high=0 low=0
  add "$1"
  if [ $high -eq 0 ] && [ $low -le "$2" ]; then number=$low; else number=$2; fi
}

# --- /proc/kcore --------------------------------------------------------------

# Writes bytes of kcore to stdout: position, count.
bytes() {
  block=4096
  while [ $((($1 | $2) % block)) -ne 0 ]; do block=$((block / 2)); done
  dd if="$root/proc/kcore" bs=$block skip=$(($1 / block)) \
    count=$(($2 / block)) 2>/dev/null
}

# Reads the ELF header and the program headers; sets rows, seven words each.
open_kcore() {
  rows='' core=proc/kcore
  [ -e "$root/$core" ] || say "not read: $core: no such file"
  is_file $core || return 0
  if ! answer=$(dd if="$root/$core" bs=64 count=1 2>&1 >"$out/kcore.head") ||
    [ ! -s "$out/kcore.head" ]; then
    rm -f "$out/kcore.head"
    reason_of "$answer"
    lockdown=
    [ ! -s "$out/sys/kernel/security/lockdown" ] ||
      read -r lockdown <"$out/sys/kernel/security/lockdown"
    case $lockdown in *\[confidentiality]*) reason="$reason (lockdown=confidentiality)" ;; esac
    say "not read: $core: $reason"
    return 0
  fi
  set -- $(od -An -v -tx2 "$out/kcore.head")
  if [ "${1-}${2-}${3-}${17-}${28-}" != 457f464c010200400038 ]; then
    say "not read: $core: must begin with an ELF header of 64 bits"
    return 0
  fi
  bytes 64 $((56 * 0x${29})) >>"$out/kcore.head"
  rows=$(od -An -v -tx8 -j64 "$out/kcore.head")
}

# Sets position to where an address is in kcore: v or p, address.
locate() {
  kind=$1 wanted=$2
  set -- $rows
  while [ $# -ge 7 ]; do
    case $kind in v) start=$3 ;; p) start=$4 ;; esac
    if [ "${1#????????}" = 00000001 ] && minus "$wanted" "$start" &&
      is_below "$5"; then
      add "$2"
      set_position
      return
    fi
    shift 7
  done
  return 1
}

# Sets value to the eight bytes at a virtual address.
read_word() {
  value=
  locate v "$1" || return 1
  set -- $(bytes "$position" 8 | od -An -v -tx8)
  value=${1-}
  [ ${#value} -eq 16 ]
}

# Copies the text of vmcoreinfo out of the notes; one of the others is the
# kernel's description of the process that reads, which is nobody's business.
copy_vmcoreinfo() {
  set -- $rows
  while [ $# -ge 7 ] && [ "${1#????????}" != 00000004 ]; do shift 7; done
  [ $# -ge 7 ] || return 0
  bounded "$5" 1048576
  high=0 low=0
  add "$2"
  set_position || return 0
  at=$position
  set -- $(bytes "$position" $((number & ~3)) | od -An -v -tx4)
  while [ $# -ge 6 ]; do
    namesz=$((0x$1)) descsz=$((0x$2))
    skipped=$((3 + (namesz + 3) / 4))
    at=$((at + 4 * skipped))
    if [ "$4$5$6" = 4f434d564e49455200004f46 ] && [ $descsz -le 65536 ]; then
      bytes $at $descsz >"$out/vmcoreinfo.txt"
      return 0
    fi
    skipped=$((skipped + (descsz + 3) / 4)) at=$((at + (descsz + 3) / 4 * 4))
    [ $skipped -le $# ] || break
    shift $skipped
  done
  say 'not read: proc/kcore: its notes have no vmcoreinfo'
}

# Sets the addresses of symbols, and nothing for a hidden one.
read_symbols() {
  at_image='' at_notes='' at_offsets=''
  [ -s "$out/proc/kallsyms" ] || return 0
  while read -r address kind name; do
    [ "$address" != 0000000000000000 ] || continue
    case $name in
      kexec_crash_image) at_image=$address ;;
      crash_notes) at_notes=$address ;;
      __per_cpu_offset) at_offsets=$address ;;
    esac
  done <"$out/proc/kallsyms"
}

# An absent CPU has no file: its notes are at crash_notes + __per_cpu_offset[cpu].
copy_percpu() {
  if ! { [ "$at_notes" ] && [ "$at_offsets" ] && read_word "$at_notes"; }; then
    say 'not read: percpu: the address of crash_notes or __per_cpu_offset is hidden or in no row of kcore'
    return 0
  fi
  printf '%s\n' "crash_notes $value" >"$out/percpu"
  locate v "$at_offsets" || return 0
  possible=
  [ ! -s "$out/$cpus/possible" ] || read -r possible <"$out/$cpus/possible"
  last=${possible##*[-,]}
  case $last in '' | *[!0-9]* | ?????*) last=8191 ;; esac
  bytes "$position" $((8 * (last + 1))) | od -An -v -tx8 | {
    cpu=0
    while read -r words; do
      for word in $words; do
        printf '%s\n' "$cpu $word"
        cpu=$((cpu + 1))
      done
    done
  } >>"$out/percpu"
}

# --- the loaded image -----------------------------------------------------------

# Sets regions to the start and end of each Crash kernel of iomem.
read_regions() {
  regions=
  [ -s "$out/proc/iomem" ] || return 0
  lines=$(grep ' : Crash kernel$' "$out/proc/iomem")
  for line in $lines; do
    case $line in *-*) ;; *) continue ;; esac
    is_address "${line%-*}" && is_address "${line#*-}" || continue
    pad "${line%-*}"
    start=$padded
    pad "${line#*-}"
    [ "$padded" = 0000000000000000 ] || regions="$regions $start $padded"
  done
}

# True if an address is in a region, or no region is known.
is_reserved() {
  wanted=$1
  set -- $regions
  [ $# -gt 0 ] || return 0
  while [ $# -ge 2 ]; do
    ! { minus "$wanted" "$1" && minus "$2" "$wanted"; } || return 0
    shift 2
  done
  return 1
}

# True if four words are a segment: buf, bufsz, mem, memsz.
is_segment() {
  case $3/$4 in */0000000000000000) return 1 ;; *000/*000) ;; *) return 1 ;; esac
  minus "$4" "$2" && is_reserved "$3"
}

# Sets segments to the table in the words of a struct kimage: the first count
# from 1 to 16 that as many segments follow.
read_segments() {
  segments=
  while [ $# -ge 5 ]; do
    case $1 in
      000000000000000[1-9a-f] | 0000000000000010)
        count=$((0x${1#????????}))
        if [ $# -gt $((4 * count)) ] && take_segments "$count" "$@"; then
          return 0
        fi
        ;;
    esac
    shift
  done
  return 1
}

take_segments() {
  left=$1 segments=
  shift 2
  while [ "$left" -gt 0 ]; do
    is_segment "$1" "$2" "$3" "$4" || return 1
    segments="$segments $1 $2 $3 $4"
    left=$((left - 1))
    shift 4
  done
}

# True if an ELF core file begins at a position; sets phnum.
is_core() {
  set -- $(bytes "$1" 64 | od -An -v -tx2)
  [ "${1-}${2-}${3-}${9-}" = 457f464c01020004 ] && phnum=$((0x${29}))
}

# Copies a header and reads it once more: position, bytes, name.
copy_header() {
  bytes "$1" "$2" >"$out/$3"
  first=$(od -Ax -tx8 "$out/$3")
  second=$(bytes "$1" "$2" | od -Ax -tx8)
  compare "$3" "$first" "$second"
}

compare() {
  if [ "$2" = "$3" ]; then
    note "twice: $1 same"
  else
    say "twice: $1 changed meanwhile: collect again"
  fi
}

# Goes through the segments; others than the header's may have keys in them, so
# nothing of them is stored.
copy_segments() {
  set -- $segments
  while [ $# -ge 4 ]; do
    printf '%s\n' "$1 $2 $3 $4" >>"$out/segments"
    if [ $found = none ] && locate p "$3" && is_core "$position"; then
      found=kimage
      printf '%s\n' "$3" >"$out/elfcorehdr.paddr"
      bounded "$4" 4194304
      copy_header "$position" $number elfcorehdr
    fi
    shift 4
  done
  [ $found = kimage ] ||
    say 'not read: elfcorehdr: no segment can be read that begins as an ELF core file'
}

# Follows kexec_crash_image; false if the pointer cannot be read.
follow_image() {
  [ "$at_image" ] && read_word "$at_image" || return 1
  image=$value
  if [ "$image" = 0000000000000000 ] || ! locate v "$image"; then
    say "not read: elfcorehdr: kexec_crash_image is $image"
    return 0
  fi
  where=$position
  bytes "$where" 1024 >"$out/kimage"
  words=$(od -An -v -tx8 "$out/kimage")
  if read_segments $words; then
    copy_segments
  else
    say 'not read: elfcorehdr: no table of segments is in struct kimage'
  fi
  read_word "$at_image"
  compare kexec_crash_image "$image" "$value"
  compare kimage "$words" "$(bytes "$where" 1024 | od -An -v -tx8)"
}

# The last resort: pages of the reserved memory that begin as ELF core files.
# A header of an earlier load may still be there, so all are taken.
scan_regions() {
  say 'scan: kexec_crash_image cannot be read; headers of earlier loads may be among the candidates'
  [ "$regions" ] || say 'not read: elfcorehdr: iomem shows no address of a Crash kernel'
  set -- $regions
  while [ $# -ge 2 ]; do
    if minus "$2" "$1" && locate p "$1"; then
      base=$position
      minus "$2" "$1"
      [ $high -eq 0 ] || low=4294967295
      for offset in $(list_cores "$base" $((low + 1))); do
        copy_candidate "$1" "${offset%% *}"
      done
    else
      say "not read: elfcorehdr: no row of kcore has the reserved memory at $1"
    fi
    shift 2
  done
  [ $found = scan ] || say 'not read: elfcorehdr: no candidate in the reserved memory'
}

# Writes the offset of each page that begins as an ELF core file. od leaves out
# a page that equals the one before, which is most of an empty region.
list_cores() {
  bytes "$1" "$2" | od -Ax -tx8 -w4096 |
    grep -E '^[0-9a-f]+ +[0-9a-f]{2}010102464c457f [0-9a-f]{16} [0-9a-f]{12}0004 ' |
    while read -r offset line; do printf '%s\n' "$offset"; done
}

# Behind a header may be the next segment: only what its e_phnum counts is taken.
copy_candidate() {
  pad "$2"
  high=0 low=0
  add "$padded"
  add "$1"
  paddr=$(printf '%08x%08x' $high $low)
  is_core $((base + 0x$2)) || return 0
  found=scan
  say "candidate: $paddr"
  copy_header $((base + 0x$2)) $((64 + 56 * phnum)) "elfcorehdr.scan.$paddr"
}

# Finds the header of the image that is loaded, if one is.
copy_image() {
  found=none loaded=
  for file in "$out/sys/kernel/kexec/crash_loaded" "$out/sys/kernel/kexec_crash_loaded"; do
    [ ! -s "$file" ] || read -r loaded <"$file"
  done
  if [ "$loaded" = 0 ]; then
    say 'not read: elfcorehdr: no crash image is loaded'
  elif [ "$rows" ]; then
    follow_image || scan_regions
  fi
  note "header: $found"
}

# --- the bundle -----------------------------------------------------------------

read_arguments() {
  root='' made_up=''
  case ${1-} in
    --root) made_up=yes root=${2-} ;;
    --root=*) made_up=yes root=${1#*=} ;;
  esac
  case ${1-} in
    --root) [ $# -ne 3 ] || shift 2 ;;
    --root=*) shift ;;
  esac
  case ${1-} in '' | -*) set -- ;; esac
  [ $# -eq 1 ] && { [ ! "$made_up" ] || [ -d "$root" ]; } ||
    refuse 'usage: sh collect.sh [--root DIR] <new-folder>'
  root=${root%/} out=$1
  case $root in '' | /*) ;; *) root=./$root ;; esac
  case $out in /*) ;; *) out=./$out ;; esac
  while [ "${out%/}" != "$out" ]; do out=${out%/}; done
  for path in "$out" "$out.tar.gz"; do
    if [ -e "$path" ] || [ -h "$path" ]; then
      refuse "$path must be absent: it is there"
    fi
  done
}

write_archive() {
  parent=${out%/*}
  tar -C "${parent:-/}" -cf - "${out##*/}" | gzip -9 >"$out.tar.gz" &&
    [ -s "$out.tar.gz" ] || refuse "$out.tar.gz cannot be written; $out is complete"
  printf '%s\n' "wrote $out and $out.tar.gz" \
    'They reveal where the kernel is in memory (KASLR): do not publish them.'
}

read_arguments "$@"
mkdir "$out" || refuse "$out cannot be made"
note 'format: 1'
[ ! "$made_up" ] || note 'root: made up'
copy_text
report_hidden proc/iomem '^ *0*[1-9a-f][0-9a-f]*-'
copy_device_tree
copy_notes
copy_symbols
report_hidden proc/kallsyms '^0*[1-9a-f]'
ask_programs
open_kcore
read_symbols
read_regions
if [ "$rows" ]; then
  copy_vmcoreinfo
  copy_percpu
fi
copy_image
write_archive
