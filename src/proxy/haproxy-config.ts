import { unreachable } from '../core/errors.js';
import { addressText, type DoorNode, type FrontDoor, maxDoorConnections, type SupervisedDoor } from './front-door.js';
import { stickyCookieName } from './sticky.js';

/** The backend of the configuration, by which the runtime API names its servers. */
export const haproxyBackendName = 'nodes';

/** Where HAProxy's runtime API listens under a supervisor. */
export function haproxySocketPath(folder: string): string {
  return `${folder}/api.sock`;
}

/** A configuration for HAProxy 2.4 and later. Checked by `haproxy -c -f <file>`. */
export function haproxyConfig(door: FrontDoor): string {
  const sections = [
    ...(door.supervised === undefined ? [adaptText(door)] : []),
    globalSection(door.supervised),
    defaultsSection,
    `frontend door\n    bind ${addressText(door)}\n    option httplog\n    default_backend ${haproxyBackendName}\n`,
    backendSection(door),
    ...(door.supervised === undefined ? [] : [healthSection(door.supervised)]),
  ];
  return sections.join('\n');
}

function adaptText({ policy, nodes }: FrontDoor): string {
  const drain = policy === 'sticky' ? 'weight 0' : 'state drain';
  return `# HAProxy in front of WebSocket nodes, as cluster-chat tests it.
# Check it with: haproxy -c -f haproxy.cfg
# To adapt:
# - "bind": the address that clients reach, and TLS: bind :443 ssl crt /etc/haproxy/site.pem
# - "server": the addresses of your nodes
# - "http-check send": a path that your nodes answer with 200 while they take connections
# - "maxconn": each client takes two file descriptors (LimitNOFILE of the service). With none left the checks of the
#   nodes fail as well: healthy ones count as down, and their clients are cut.
# To take a node out before you stop it, through the socket below:
#   echo "set server ${haproxyBackendName}/${nodes[0]?.name} ${drain}" | socat stdio /run/haproxy/admin.sock
`;
}

function globalSection(supervised: SupervisedDoor | undefined): string {
  const socket = supervised === undefined ? '/run/haproxy/admin.sock' : haproxySocketPath(supervised.folder);
  const limits =
    supervised === undefined
      ? `    maxconn ${maxDoorConnections}`
      : `    maxconn ${maxDoorConnections}
    # With fewer file descriptors than that it shall serve as many clients as it can, not refuse to start.
    no strict-limits`;
  return `global
    # One line per connection, when it ends.
    log stdout format raw local0 info
${limits}
    # The runtime API: draining a node needs no reload, so no connection ends for it.
    stats socket ${socket} mode 600 level admin
`;
}

const defaultsSection = `defaults
    mode http
    log global
    option dontlognull
    # A node that is dead costs a client one failed connect: the first retry goes to another node.
    timeout connect 1s
    retries 3
    option redispatch 1
    # 503 is what a node answers that drains.
    retry-on conn-failure empty-response 503
    # Bounds the handshake. It ends with the answer 101; from there on "timeout tunnel" counts.
    timeout http-request 5s
    timeout client 60s
    timeout server 60s
    # The longest silence that a WebSocket may keep. It must be well above the heart-beat (STOMP: 10s, SockJS: 25s),
    # else the balancer cuts clients that are only quiet. It need not be short: dead peers are found by heart-beats.
    timeout tunnel 1h
    # A client that has gone away half gets no hour.
    timeout client-fin 30s
`;

function backendSection(door: FrontDoor): string {
  return `backend ${haproxyBackendName}
    # What is repeated at another node must be harmless; a WebSocket's handshake, a GET, is.
    http-request disable-l7-retry unless METH_GET
    option forwardfor
${policyText(door)}
${checkText(door.readyPath)}
${door.nodes.map((node) => serverLine(node, door)).join('\n')}
`;
}

function policyText({ policy, nodes }: FrontDoor): string {
  switch (policy) {
    case 'round-robin':
      return '    balance roundrobin';
    case 'least-connections':
      return `    # For connections that live long the better one: after a restart the empty node fills first.
    balance leastconn`;
    case 'ip-hash':
      return `    # Clients behind one address share one node. Consistent: a dead node moves only its own clients.
    balance source
    hash-type consistent`;
    case 'sticky':
      return `    balance roundrobin
    # The client comes back to the node that its cookie names, as long as it can be used.
    cookie ${stickyCookieName} insert indirect nocache httponly attr "SameSite=Lax"
    # A node that drains would still get the clients that its cookie brings back; weight 0 says that it drains.
${nodes.map(({ name }) => ignoreLine(name)).join('\n')}`;
    default:
      return unreachable(policy);
  }
}

function ignoreLine(name: string): string {
  return `    ignore-persist if { srv_uweight(${haproxyBackendName}/${name}) eq 0 } { req.cook(${stickyCookieName}) -m str ${name} }`;
}

function checkText(readyPath: string | undefined): string {
  const request =
    readyPath === undefined
      ? '    # A node counts as up while it accepts connections: it has no path that says more.'
      : `    # A node counts as up while it says so itself. The Host is one that nodes answer to behind any name.
    option httpchk GET ${readyPath}
    http-check send meth GET uri ${readyPath} ver HTTP/1.1 hdr Host localhost
    # One that answers that it is not ready gets no new clients and keeps those it has: it may be saying goodbye.
    http-check expect error-status L7OKC status 200-399`;
  return `${request}
    # Down after two checks without an answer. Its connections are ended then: the clients of a hung node would wait for ever.
    default-server check inter 1s downinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions`;
}

function serverLine(node: DoorNode, door: FrontDoor): string {
  const cookie = door.policy === 'sticky' ? ` cookie ${node.name}` : '';
  return `    server ${node.name} ${addressText(node)}${cookie}${node.isDraining ? ' disabled' : ''}`;
}

function healthSection({ healthPort }: SupervisedDoor): string {
  return `# What the supervisor asks.
frontend health
    bind 127.0.0.1:${healthPort}
    no log
    http-request return status 200 content-type application/json hdr Date %[date,http_date] lf-string "{\\"name\\":\\"balancer\\",\\"status\\":\\"ok\\",\\"connections\\":%[fe_conn(door)]}" if { path /health }
    http-request return status 404
`;
}
