# shellcheck shell=sh
# nfs_server.sh FOLDER MOUNT: exports FOLDER to this machine itself by the kernel's NFS server, and mounts it. Without
# any of the server's programs: what they would answer to the kernel's questions is written beforehand.
set -e
folder=$1 mount=$2
modprobe nfsd
modprobe nfsv4
ip link set lo up
mkdir -p "$folder" "$mount" /var/lib/nfs/v4recovery
mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
echo "-2 -3 +4" >/proc/fs/nfsd/versions 2>/dev/null || echo "-3 +4" >/proc/fs/nfsd/versions
echo 10 >/proc/fs/nfsd/nfsv4gracetime # seconds, the fewest that it takes

serve() {
  # class, address, when it expires, whose: all of them "us"
  echo "nfsd 127.0.0.1 2147483647 us" >/proc/net/rpc/auth.unix.ip/channel
  # NFSEXP_FSID | NFSEXP_NOSUBTREECHECK | NFSEXP_ASYNC | NFSEXP_INSECURE_PORT, user and group of nobody, number: the root
  echo "us $folder 2147483647 9234 65534 65534 0" >/proc/net/rpc/nfsd.export/channel
  printf '%s\n' "us 1 \\x00000000 2147483647 $folder" >/proc/net/rpc/nfsd.fh/channel
  echo "tcp 2049" >/proc/fs/nfsd/portlist
  echo 2 >/proc/fs/nfsd/threads
  # 7.2 refuses it where nobody keeps a list of clients, and waits.
  echo Y >/proc/fs/nfsd/v4_end_grace 2>/dev/null || true
}

# On a busy machine 5.10 has sometimes never answered: a client waits three minutes for that, and then gives up.
for limit in 20 40 80; do
  serve
  if timeout -s KILL "$limit" mount -i -t nfs4 -o "vers=4.2,addr=127.0.0.1,clientaddr=127.0.0.1,sec=sys" 127.0.0.1:/ "$mount"; then
    exit 0
  fi
  echo 0 >/proc/fs/nfsd/threads
done
exit 1
