import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `1.2.3.4:5678` and `[2001:db8::1]:5678`, as some proxies write who called them. */
const WITH_PORT = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([\da-f:.]{2,45})\])(?::\d{1,5})?$/i;

/**
 * An address as it is logged and stored: without a port, and an IPv4 one that came as IPv6 (`::ffff:7f00:1`) as IPv4.
 * @returns undefined for what is no address: a proxy that is trusted may pass on what a client made up.
 */
export function addressOf(sent: string): string | undefined {
  if (isIPv4(sent)) return sent;
  const [, v4, v6] = WITH_PORT.exec(sent) ?? [];
  const bare = v4 ?? v6 ?? sent;
  return bare.length <= MAX_ADDRESS && ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : undefined;
}

/** IPv6 in full, with a zone. */
const MAX_ADDRESS = 64;

/**
 * What counts as one client when requests or tries are counted: an IPv4 address, or the /64 of an IPv6 one, which is one
 * customer's. All that is no address counts as one client.
 */
export function networkOf(sent: string): string {
  const address = addressOf(sent);
  if (address === undefined) return 'unknown';
  if (isIPv4(address)) return address;
  const parts = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return parts.map((part) => part.toString(16)).join(':');
}
