import { createReadStream } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { RegistrationService } from '../auth/registration.service.js';
import { Transactions } from '../common/database/transactions.js';
import type { Role } from '../common/security/roles.js';
import { ProductImporter } from '../imports/importer.service.js';
import { UsersService } from '../users/users.service.js';

/** What every demo account signs in with. */
export const DEMO_PASSWORD = 'open sesame, little shop';

/** The catalogue stays in `src/`, where it is derived to: an image for production has no use for it. */
const CATALOGUE = join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'src', 'demo', 'data', 'catalogue.csv');

/** Somebody of each role to sign in as. */
export const DEMO_ACCOUNTS: readonly { email: string; name: string; roles: Role[] }[] = [
  { email: 'admin@stockroom.example', name: 'Ada Admin', roles: ['admin'] },
  { email: 'staff@stockroom.example', name: 'Stan Staff', roles: ['staff'] },
  { email: 'customer@stockroom.example', name: 'Cleo Customer', roles: ['customer'] },
];

/** The demo shop: accounts of every role, and a real shop's catalogue (docs/demo-catalogue.md). Never in production. */
@Injectable()
export class DemoService {
  constructor(
    private readonly users: UsersService,
    private readonly registration: RegistrationService,
    private readonly importer: ProductImporter,
    private readonly transactions: Transactions,
  ) {}

  /** Whether there is nobody yet: the demo is made for an empty database alone. */
  async isWanted(): Promise<boolean> {
    return (await this.users.count()) === 0;
  }

  /** How many products the catalogue has: a line each, below its header. */
  async countProducts(): Promise<number> {
    let lines = 0;
    for await (const chunk of createReadStream(CATALOGUE, 'utf8')) lines += String(chunk).split('\n').length - 1;
    return lines - 1;
  }

  /**
   * Makes the catalogue, and the accounts last, all at once: a start that was interrupted begins anew where it matters.
   * @param onProgress is told how many products there are.
   */
  async open(onProgress: (products: number) => void): Promise<void> {
    await this.importer.importStream(createReadStream(CATALOGUE), 'csv', onProgress);
    await this.transactions.run(async () => {
      for (const account of DEMO_ACCOUNTS)
        await this.registration.openVerified({ ...account, password: DEMO_PASSWORD });
    });
  }
}
