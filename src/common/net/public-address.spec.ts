import { describe, expect, it } from '@jest/globals';
import { isPublicAddress } from './public-address.js';

/** IANA's special-purpose registries (RFC 6890 and its updates), with the first and the last address of each block. */
const SPECIAL: [block: string, first: string, last: string][] = [
  ['0.0.0.0/8, this network', '0.0.0.0', '0.255.255.255'],
  ['10.0.0.0/8, private', '10.0.0.0', '10.255.255.255'],
  ['100.64.0.0/10, shared (CGNAT)', '100.64.0.0', '100.127.255.255'],
  ['127.0.0.0/8, loopback', '127.0.0.0', '127.255.255.255'],
  ['169.254.0.0/16, link-local, with metadata of clouds', '169.254.0.0', '169.254.255.255'],
  ['172.16.0.0/12, private', '172.16.0.0', '172.31.255.255'],
  ['192.0.0.0/24, protocols', '192.0.0.0', '192.0.0.255'],
  ['192.0.2.0/24, documentation', '192.0.2.0', '192.0.2.255'],
  ['192.88.99.0/24, 6to4 relays', '192.88.99.0', '192.88.99.255'],
  ['192.168.0.0/16, private', '192.168.0.0', '192.168.255.255'],
  ['198.18.0.0/15, benchmarks', '198.18.0.0', '198.19.255.255'],
  ['198.51.100.0/24, documentation', '198.51.100.0', '198.51.100.255'],
  ['203.0.113.0/24, documentation', '203.0.113.0', '203.0.113.255'],
  ['224.0.0.0/4, multicast', '224.0.0.0', '239.255.255.255'],
  ['240.0.0.0/4, reserved and broadcast', '240.0.0.0', '255.255.255.255'],
  ['::/128, unspecified', '::', '::'],
  ['::1/128, loopback', '::1', '::1'],
  ['::/96, IPv4-compatible', '::7f00:1', '::ffff:ffff'],
  ['::ffff:0:0/96, IPv4-mapped: loopback', '::ffff:127.0.0.1', '::ffff:7fff:ffff'],
  ['::ffff:0:0/96, IPv4-mapped: private', '::ffff:10.0.0.1', '::ffff:c0a8:ffff'],
  ['::ffff:0:0:0/96, IPv4-translated', '::ffff:0:7f00:1', '::ffff:0:ffff:ffff'],
  ['64:ff9b::/96, NAT64', '64:ff9b::', '64:ff9b::ffff:ffff'],
  ['64:ff9b:1::/48, NAT64 of a network', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['100::/64, discard', '100::', '100::ffff:ffff:ffff:ffff'],
  ['2001::/23, protocols', '2001:1::1', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001::/32, Teredo', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::/32, documentation', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::/16, 6to4', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::/20, documentation', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['5f00::/16, segment routing', '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fc00::/7, unique local', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::/10, link-local', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fec0::/10, site-local', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ff00::/8, multicast', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
];

describe('isPublicAddress', () => {
  it.each(SPECIAL)('refuses %s', (_, first, last) => {
    expect([isPublicAddress(first), isPublicAddress(last)]).toEqual([false, false]);
  });

  it.each(['localhost', '', '8.8.8', '0x8080808', '134744072', 'fe80::1%eth0', '8.8.8.8:80', '[2606:4700::1111]'])(
    'refuses %j, which is no address on the internet',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '2606:4700::1111',
    '2001:4860:4860::8888',
    '2a00:1450:4001::1',
  ])('allows %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
