import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { FileMissing, FileStorage } from '../common/files/file-storage.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { idIn, nameOf } from './photo-files.service.js';
import { type Position, PhotoVerificationRepository } from './photo-verification.repository.js';
import { MakeVariants, RemoveFiles, VerifyFiles } from './photos.jobs.js';
import type { FileRow } from './photos.repository.js';

/** How many files are compared by one statement. */
const BATCH = 100;
/** How often a process goes on with the comparison, and for how long, in seconds. */
const [EVERY_SECONDS, BUDGET] = [3600, 60];
/** How old a file is that no row names, before that is a fault, in seconds: it may be of a database that is not restored yet. */
const UNTRACKED_AFTER = 24 * 3600;

/** A file that is not as the rows say. */
export interface PhotoFault {
  /** `missing`: not in the storage; `damaged`: with another content; `untracked`: in the storage, and no row names it. */
  readonly kind: 'missing' | 'damaged' | 'untracked';
  /** Of the file. */
  readonly name: string;
  /** What was done about it; undefined when it was only to be found. */
  readonly repair?: 'removed' | 'to be made again' | 'photo unavailable';
}

/** How many files were compared, of the rows and of the storage, and how many faults were found. */
export interface PhotoCounts {
  rows: number;
  files: number;
  faults: number;
}

/** How a comparison is done. */
export interface PhotoVerification {
  /** Whether faults are repaired. */
  readonly isRepaired: boolean;
  /** Where it goes on; from the beginning on when it is left out. */
  readonly from?: Position;
  /** When it stops, if it has not come to its end. */
  readonly until?: Date;
  readonly report: (fault: PhotoFault) => void;
}

/**
 * Compares the files of photos with the storage, both ways: whether each is there with its content, and whether there are others. A
 * job does so all the time, a minute in each hour, and logs what it finds; `npm run photos:verify` does all at once, and repairs.
 */
@Injectable()
export class PhotoVerificationService implements OnModuleInit {
  private readonly logger = new Logger(PhotoVerificationService.name);

  constructor(
    private readonly verification: PhotoVerificationRepository,
    private readonly storage: FileStorage,
    private readonly jobs: JobsService,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(VerifyFiles, () => this.goOn());
    this.jobs.schedule('verify photos', { everySeconds: EVERY_SECONDS, job: VerifyFiles });
  }

  /** Compares from where the last one stopped, for a minute. */
  async goOn(): Promise<void> {
    const from = await this.verification.findPosition();
    const { position } = await this.verify({
      isRepaired: false,
      from,
      until: this.clock.in(BUDGET),
      report: (fault) => {
        this.logger.error(fault, 'A file of photos is not as it should be: run `npm run photos:verify -- --repair`.');
      },
    });
    await this.verification.savePosition(position);
  }

  /** @returns the counts; and where it stopped, if that was not the end. */
  async verify({ from, ...how }: PhotoVerification): Promise<{ counts: PhotoCounts; position?: Position }> {
    const counts: PhotoCounts = { rows: 0, files: 0, faults: 0 };
    const counted: PhotoVerification = {
      ...how,
      report: (fault) => {
        counts.faults++;
        how.report(fault);
      },
    };
    let after = from?.after ?? null;
    if (from?.pass !== 'files') {
      const stopped = await this.verifyRows(after, counts, counted);
      if (stopped !== undefined) return { counts, position: { pass: 'rows', after: stopped } };
      after = null;
    }
    const stopped = await this.verifyFiles(after, counts, counted);
    return stopped === undefined ? { counts } : { counts, position: { pass: 'files', after: stopped } };
  }

  /** Whether each file that a row names is there, with its content. @returns where it stopped; undefined at the end. */
  private async verifyRows(
    after: string | null,
    counts: PhotoCounts,
    how: PhotoVerification,
  ): Promise<string | undefined> {
    for (let files = await this.verification.readBatch(after, BATCH); files.length > 0;) {
      const faults: { kind: PhotoFault['kind']; file: FileRow }[] = [];
      for (const file of files) {
        const kind = await this.faultOf(file);
        if (kind) faults.push({ kind, file });
      }
      const repairs = how.isRepaired ? await this.repair(faults.map(({ file }) => file.id)) : undefined;
      for (const { kind, file } of faults) how.report({ kind, name: nameOf(file), repair: repairs?.get(file.id) });
      counts.rows += files.length;
      after = files.at(-1)?.id ?? null;
      if (this.isOver(how)) return after ?? undefined;
      files = files.length < BATCH ? [] : await this.verification.readBatch(after, BATCH);
    }
    return undefined;
  }

  /** Whether a row names each file that is there. @returns where it stopped; undefined at the end. */
  private async verifyFiles(
    after: string | null,
    counts: PhotoCounts,
    how: PhotoVerification,
  ): Promise<string | undefined> {
    const before = this.clock.in(-UNTRACKED_AFTER);
    let names: string[] = [];
    const look = async (): Promise<void> => {
      const known = new Set(await this.verification.findIds(names.flatMap((name) => idIn(name) ?? [])));
      for (const name of names.filter((each) => !known.has(idIn(each) ?? ''))) {
        if (how.isRepaired) await this.storage.remove(name);
        how.report({ kind: 'untracked', name, ...(how.isRepaired && { repair: 'removed' as const }) });
      }
      names = [];
    };
    for await (const { name, storedAt } of this.storage.list(after ?? undefined)) {
      counts.files++;
      if (storedAt < before) names.push(name);
      if (names.length === BATCH) await look();
      if (this.isOver(how)) {
        await look();
        return name;
      }
    }
    await look();
    return undefined;
  }

  private isOver({ until }: PhotoVerification): boolean {
    return until !== undefined && this.clock.now() >= until;
  }

  private async faultOf(file: FileRow): Promise<'missing' | 'damaged' | undefined> {
    try {
      const hash = createHash('sha256');
      for await (const chunk of (await this.storage.read(nameOf(file))) as AsyncIterable<Buffer>) hash.update(chunk);
      return hash.digest('hex') === file.sha256 ? undefined : 'damaged';
    } catch (error) {
      if (error instanceof FileMissing) return 'missing';
      throw error;
    }
  }

  /** Has files be made again; a photo that has lost what its files are made of is unavailable. @returns what was done, by the id of the file. */
  private async repair(fileIds: readonly string[]): Promise<Map<string, PhotoFault['repair']>> {
    const repairs = new Map<string, PhotoFault['repair']>(fileIds.map((id) => [id, 'removed']));
    if (fileIds.length === 0) return repairs;
    await this.transactions.run(async () => {
      const photos = await this.verification.takeAway(fileIds);
      for (const { photoId, fileId, isSource } of photos) {
        repairs.set(fileId, isSource ? 'photo unavailable' : 'to be made again');
        if (!isSource) await this.jobs.enqueue(MakeVariants, { photoId });
      }
      await this.jobs.enqueue(RemoveFiles, null, { key: 'all' });
    });
    return repairs;
  }
}
