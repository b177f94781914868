import { unreachable } from '../core/errors.js';
import { addressText, type DoorNode, type FrontDoor, maxDoorConnections, type SupervisedDoor } from './front-door.js';
import type { PolicyName } from './policy.js';
import { stickyCookieName } from './sticky.js';

/** What nginx needs under a supervisor beyond other balancers. */
export interface SupervisedNginx extends SupervisedDoor {
  /**
   * A port that belongs to this text of the configuration alone. After a reload it refuses as soon as no worker
   * of the old text accepts any more, which is how the change is known to be in force.
   */
  readonly versionPort: number;
  /** Whom the workers run as, who must read the folder; undefined where nginx cannot choose, not being root. */
  readonly user: string | undefined;
}

export interface NginxDoor extends FrontDoor {
  readonly supervised: SupervisedNginx | undefined;
}

/** A configuration for nginx 1.20 and later, open source. Checked by `nginx -t -c <file>`. */
export function nginxConfig(door: NginxDoor): string {
  return `${mainText(door.supervised)}
events {
    # Each client takes two, one on either side.
    worker_connections ${maxDoorConnections * 2 + 100};
}

http {
${indent(httpText(door))}}
`;
}

const adaptText = `# nginx in front of WebSocket nodes, as cluster-chat tests it.
# Check it with: nginx -t -c /path/to/nginx.conf
# To adapt:
# - "listen": the address that clients reach, and TLS: listen 443 ssl; ssl_certificate …; ssl_certificate_key …;
# - "server" in "upstream": the addresses of your nodes
# - "worker_connections": each client takes two, and as many file descriptors (worker_rlimit_nofile)
# - the logs: /dev/stdout and stderr in a container
# To take a node out before you stop it: write "down" behind its address, then nginx -s reload.
`;

const shutdownText = `# A reload starts new workers; the old ones keep their WebSockets, those to healthy nodes too, and end them after
# this time. Shorter cuts quiet clients at every reload, longer keeps more old workers.
worker_shutdown_timeout 10m;
`;

function mainText(supervised: SupervisedNginx | undefined): string {
  if (supervised === undefined) {
    return `${adaptText}
worker_processes auto;
worker_rlimit_nofile ${maxDoorConnections * 2 + 1_000};
error_log /var/log/nginx/error.log warn;
${shutdownText}`;
  }
  const user = supervised.user === undefined ? '' : `user ${supervised.user};\n`;
  return `daemon off;
${user}# One is enough for the clients of one machine, and every reload adds as many.
worker_processes 1;
pid ${supervised.folder}/nginx.pid;
error_log stderr notice;
${shutdownText}`;
}

function httpText(door: NginxDoor): string {
  return `${logText(door.supervised)}
# Upgrade where the client asks for it. Both headers are hop-by-hop, so nginx passes neither on by itself.
map $http_upgrade $connection_upgrade {
    default upgrade;
    ''      close;
}
${door.policy === 'sticky' ? stickyMaps : ''}
upstream nodes {
    # Shared by all workers, so that they take turns together.
    zone nodes 256k;
${indent(policyText(door.policy))}    # Open-source nginx has no health checks of its own. A connect that fails takes a node out for five seconds.
    # A node that hangs but accepts is not noticed here: its clients must notice, by their heart-beats.
${indent(door.nodes.map(serverLine).join(''))}}

server {
    listen ${addressText(door)};
    location / {
${indent(indent(locationText(door.policy)))}    }
}
${door.supervised === undefined ? '' : healthText(door.supervised)}`;
}

function logText(supervised: SupervisedNginx | undefined): string {
  if (supervised === undefined) {
    return `# One line per connection, when it ends.
log_format door '$remote_addr [$time_local] "$request" $status $bytes_sent to $upstream_addr after $request_time s';
access_log /var/log/nginx/access.log door;
`;
  }
  const { folder } = supervised;
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `# Under a supervisor the output is a socket, which nginx cannot open as a file. What goes wrong is on stderr.
access_log off;
${paths.map((name) => `${name}_temp_path ${folder}/${name};\n`).join('')}`;
}

/** The key is a random one that the client keeps: it needs no address of a node, which names may resolve to. */
const stickyMaps = `
# The client keeps a random key in a cookie, and the key's hash chooses the node. (Where the cookie names the node,
# as HAProxy's does, nginx would need a commercial directive.)
map $http_cookie $sticky_key {
    default $request_id;
    "~(?:^|;\\s*)${stickyCookieName}=(?<kept_key>[A-Za-z0-9._-]{1,64})" $kept_key;
}
map $http_cookie $sticky_cookie {
    default "${stickyCookieName}=$request_id; Path=/; HttpOnly; SameSite=Lax";
    "~(?:^|;\\s*)${stickyCookieName}=[A-Za-z0-9._-]" "";
}
`;

function policyText(policy: PolicyName): string {
  switch (policy) {
    case 'round-robin':
      return '# Without a word of its own: nodes take turns.\n';
    case 'least-connections':
      return `# For connections that live long the better one. Connections of old workers do not count after a reload.
least_conn;
`;
    case 'ip-hash':
      return `# Not ip_hash, which reads only three numbers of an IPv4 address and moves everybody when a node is gone.
hash $remote_addr consistent;
`;
    case 'sticky':
      return 'hash $sticky_key consistent;\n';
    default:
      return unreachable(policy);
  }
}

function serverLine(node: DoorNode): string {
  return `server ${addressText(node)} max_fails=1 fail_timeout=5s${node.isDraining ? ' down' : ''}; # ${node.name}\n`;
}

function locationText(policy: PolicyName): string {
  const cookie =
    policy === 'sticky'
      ? '# "always", because 101 is none of the answers that get headers otherwise.\nadd_header Set-Cookie $sticky_cookie always;\n'
      : '';
  return `proxy_pass http://nodes;
# Upgrade exists since HTTP/1.1, and nginx speaks 1.0 to its upstreams unless told otherwise.
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $connection_upgrade;
# What the client asked for: nodes compare it with the Origin.
proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
# A node that is dead costs a client one failed connect; 503 is what a node answers that drains.
proxy_connect_timeout 1s;
proxy_next_upstream error timeout http_503;
# The longest silence that a WebSocket may keep. It must be well above the heart-beat (STOMP: 10s, SockJS: 25s), and
# the default of 60s cuts clients that have none. It need not be short: dead peers are found by heart-beats.
proxy_read_timeout 1h;
proxy_send_timeout 1h;
proxy_buffering off;
${cookie}`;
}

function healthText({ healthPort, versionPort }: SupervisedNginx): string {
  return `
# What the supervisor asks. The second port changes with every version of this file.
server {
    listen 127.0.0.1:${healthPort};
    listen 127.0.0.1:${versionPort};
    location = /health {
        default_type application/json;
        return 200 '{"name":"balancer","status":"ok"}';
    }
    location / {
        return 404;
    }
}
`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
