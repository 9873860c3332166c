import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { pino } from 'pino';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { createApp } from '../app.js';
import { Config } from '../common/config/config.js';
import { StartError } from '../common/config/start-error.js';
import { ensureMigrated } from '../common/database/migrate.js';
import { createLogger } from '../common/logging/logger.js';
import { isEmailAddress, normalizeEmail } from '../common/mail/email-address.js';
import { Mailer } from '../common/mail/mailer.js';
import { type AdminInvitation, AdminInvitationsService } from '../users/admin-invitations.service.js';

const HELP = `Usage: npm run users:invite-admin -- <email> [--name <name>] [--print]

Makes the owner of an e-mail address an administrator: the first one of a new shop, or another one.

- Somebody new gets a link by which they choose a password, within 7 days. Run it again to send another link.
- A user who can sign in becomes an administrator; one who is an administrator stays one.

  <email>   e.g. ada@shop.example
  --name    the name of somebody new; Administrator by default
  --print   prints the link instead of mailing it; without SMTP_URL it is always printed
  --help    show this

The database must be up to date (npm run db:migrate). The shop may run meanwhile, except on the embedded database, which
belongs to one process.

Exit code: 0 when the person is an administrator or has got a link; 1 when nothing was done, or the mail could not be sent.
`;

/** As the API takes names. */
const NAME = /^(?=.*\S)\P{Cc}{1,100}$/u;

/** Who is invited. */
export interface Order {
  email: string;
  /** Of somebody new. */
  name: string;
  /** Whether the link is printed even if it could be mailed. */
  isPrinted: boolean;
}

/**
 * Runs the command.
 * @param load reads the configuration, once the arguments are known to be right.
 * @param database where the data is, if not where the configuration says.
 * @returns what to print on standard output.
 * @throws StartError with what to do.
 */
export async function inviteAdmin(args: string[], load: () => Config, database?: DataSourceOptions): Promise<string> {
  const order = readOrder(args);
  if (!order) return HELP;
  const config = load();
  // Security events go to standard error, so that they do not stand among the lines for the person.
  const app = await createApp(config, database, [], createLogger(config, pino.destination({ dest: 2, sync: true })));
  try {
    await ensureMigrated(config, app.get(DataSource));
    return await inviteIn(app, order);
  } finally {
    await app.close();
  }
}

/** What the arguments say; undefined when they ask for help. @throws StartError with what to do. */
export function readOrder(args: string[]): Order | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'Administrator' },
      print: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [email] = positionals;
  if (email === undefined || positionals.length > 1) {
    throw new StartError(
      'Name one e-mail address: npm run users:invite-admin -- ada@shop.example (--help shows more).',
    );
  }
  if (!isEmailAddress(email))
    throw new StartError(`${JSON.stringify(email)} is not an e-mail address such as ada@shop.example.`);
  if (!NAME.test(values.name)) throw new StartError('--name takes 1 to 100 characters on one line.');
  return { email, name: values.name, isPrinted: values.print };
}

/** Invites somebody in an application whose database is up to date. @returns what to print. @throws StartError with what to do. */
export async function inviteIn(app: INestApplicationContext, { email, name, isPrinted }: Order): Promise<string> {
  const invitation = await app.get(AdminInvitationsService).invite(email, name);
  const isMailed = app.get(Config).smtpUrl !== undefined && !isPrinted;
  return report(invitation, normalizeEmail(email), isMailed, app.get(Mailer));
}

async function report(invitation: AdminInvitation, email: string, isMailed: boolean, mailer: Mailer): Promise<string> {
  switch (invitation.outcome) {
    case 'unchanged':
      return `${email} is an administrator already, and can sign in. Nothing was changed.\n`;
    case 'granted':
      return `${email} is an administrator now, and signs in as before.\n`;
    case 'disabled':
      throw new StartError(
        `The account of ${email} is disabled. Invite another e-mail address, or have an administrator enable the account.`,
      );
    case 'invited':
      if (!isMailed)
        return `${email} is invited as an administrator. To choose the password, ${invitation.instructions}\n`;
      await mailer.deliver(invitation.mail).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new StartError(
          `${email} is invited, but the mail could not be sent: ${reason}. Check SMTP_URL and run the command again, or run it with --print.`,
        );
      });
      return `${email} is invited as an administrator. A mail with a link is on its way.\n`;
  }
}
