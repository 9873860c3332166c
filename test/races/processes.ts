import { ShopProcess } from '../support/shop-process.js';
import type { Instruction } from './instruments.js';

/** For how long the stock of an order is reserved, in minutes. */
const RESERVATION_MINUTES = 2;

const INSTRUMENTS = new URL('instruments.js', import.meta.url).href;

/** The processes of a shop. They have one clock, which is set ahead when time is to pass. */
export class Processes {
  readonly reservationTime = RESERVATION_MINUTES * 60;
  /** Undefined while it has ended. */
  private readonly running: (ShopProcess | undefined)[] = [];
  private ahead = 0;
  private crashMoment: string | null = null;
  private isClosing = false;
  private onCrash: (number: number) => void = () => undefined;

  private constructor(readonly environment: Record<string, string>) {}

  /** Starts so many: the first one brings the database up to date. */
  static async start(size: number, databaseUrl: string): Promise<Processes> {
    const processes = new Processes({
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'development',
      DATABASE_URL: databaseUrl,
      DEMO: 'false',
      DOCS: 'false',
      PAYMENT_PROVIDER: 'sandbox',
      RATE_LIMIT: '0',
      LOG_LEVEL: 'fatal',
      RESERVATION_MINUTES: String(RESERVATION_MINUTES),
    });
    for (let number = 0; number < size; number++) await processes.restart(number);
    return processes;
  }

  /** Where those are that run. */
  get urls(): string[] {
    return this.running.flatMap((shop) => shop?.url ?? []);
  }

  /** Sets the clock of all processes ahead. */
  pass(seconds: number): void {
    this.ahead += seconds * 1000;
    this.instruct({ ahead: this.ahead });
  }

  async kill(number: number): Promise<void> {
    const shop = this.running[number];
    this.running[number] = undefined;
    await shop?.kill();
  }

  /** @returns which one came to the moment first, and has ended. */
  async crashAt(moment: string): Promise<number> {
    this.crashMoment = moment;
    this.instruct({ crashAt: moment });
    const number = await new Promise<number>((resolve) => {
      this.onCrash = resolve;
    });
    this.crashMoment = null;
    this.instruct({ crashAt: null });
    return number;
  }

  async restart(number: number): Promise<void> {
    const shop = await ShopProcess.startBuilt(
      this.environment,
      '--import',
      `${INSTRUMENTS}?ahead=${String(this.ahead)}`,
    );
    // time may have passed while it started
    shop.send({ ahead: this.ahead, crashAt: this.crashMoment } satisfies Instruction);
    this.running[number] = shop;
    void shop.ended.then((signal) => {
      if (this.running[number] === shop) this.running[number] = undefined;
      this.onCrash(number);
      if (!this.isClosing && signal !== 'SIGKILL')
        process.stderr.write(`Process ${String(number)} has ended by itself.\n`);
    });
  }

  async close(): Promise<void> {
    this.isClosing = true;
    for (const shop of this.running) await shop?.kill();
  }

  private instruct(instruction: Instruction): void {
    for (const shop of this.running) shop?.send(instruction);
  }
}
