/** What /proc/sys/net shows: the limits and ranges that sockets here follow. */
import { BUFFER_DEFAULT, BUFFER_MAX, OPTMEM_MAX, SOMAXCONN } from "../abi/socket.ts";
import { EPHEMERAL_FIRST, EPHEMERAL_LAST } from "./inet/ports.ts";
import { RECEIVE_BUFFER, SEND_BUFFER } from "./inet/tcp-stream.ts";
import { MAX_DATAGRAMS } from "./unix/socket.ts";

export const SETTINGS: Readonly<Record<string, string | number>> = {
  "core/optmem_max": OPTMEM_MAX,
  "core/rmem_default": BUFFER_DEFAULT,
  "core/rmem_max": BUFFER_MAX,
  "core/somaxconn": SOMAXCONN,
  "core/wmem_default": BUFFER_DEFAULT,
  "core/wmem_max": BUFFER_MAX,
  "ipv4/ip_default_ttl": 64,
  "ipv4/ip_forward": 0,
  "ipv4/ip_local_port_range": `${EPHEMERAL_FIRST}\t${EPHEMERAL_LAST}`,
  "ipv4/ip_unprivileged_port_start": 1024,
  "ipv4/ping_group_range": "1\t0",
  "ipv4/tcp_allowed_congestion_control": "reno cubic",
  "ipv4/tcp_available_congestion_control": "reno cubic",
  "ipv4/tcp_congestion_control": "cubic",
  "ipv4/tcp_fastopen": 0,
  "ipv4/tcp_fin_timeout": 60,
  "ipv4/tcp_keepalive_intvl": 75,
  "ipv4/tcp_keepalive_probes": 9,
  "ipv4/tcp_keepalive_time": 7200,
  "ipv4/tcp_max_syn_backlog": 1024,
  "ipv4/tcp_rmem": `4096\t${RECEIVE_BUFFER}\t${RECEIVE_BUFFER}`,
  "ipv4/tcp_syn_retries": 6,
  "ipv4/tcp_tw_reuse": 2,
  "ipv4/tcp_wmem": `4096\t${SEND_BUFFER}\t4194304`,
  "ipv6/bindv6only": 0,
  "unix/max_dgram_qlen": MAX_DATAGRAMS,
};
