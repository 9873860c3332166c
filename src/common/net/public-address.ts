import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All of IPv6 that is given to hosts on the internet (RFC 4291 §2.4; IANA: IPv6 Global Unicast Address Assignments). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is one on the internet: none of IANA's special-purpose registries (RFC 6890), which are private, of this
 * machine, of its network, translated to others (NAT64, 6to4, Teredo), or of nobody. IPv4 inside of IPv6 is judged as IPv4.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST));
}
