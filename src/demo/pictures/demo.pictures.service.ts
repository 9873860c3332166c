import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { RunningJob } from '../../common/jobs/job-execution.js';
import { JobsService } from '../../common/jobs/jobs.service.js';
import { Clock } from '../../common/time/clock.js';
import { type DrawnProductPhoto, ProductsDrawnPhotosService } from '../../products/products.drawn-photos.service.js';
import { ProductsService } from '../../products/products.service.js';
import { readSubjects } from '../catalogue.js';
import { DrawPictures } from '../demo.jobs.js';
import { drawPicture, type Subject } from './picture.js';
import { rasterise } from './raster.js';

/** How many pictures are stored together: the embedded database holds up everything else meanwhile. */
const BATCH = 24;

/** How long a job leaves the processor to others before the next one goes on, in seconds. */
const PAUSE = 5;

/** Draws a picture of each product of the demo shop. What is drawn already is not drawn again. */
@Injectable()
export class DemoPicturesService implements OnModuleInit {
  /** How many pictures a job draws at most. */
  private readonly portion: number = 4 * BATCH;

  constructor(
    private readonly products: ProductsService,
    private readonly photos: ProductsDrawnPhotosService,
    private readonly jobs: JobsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(DrawPictures, (_, job) => this.drawPortion(job));
  }

  private async drawPortion({ signal, progress }: Pick<RunningJob, 'signal' | 'progress'>): Promise<void> {
    const all = await this.readSubjects();
    const missing = new Set(await this.photos.findWithoutPhotos(all.map(({ id }) => id)));
    const subjects = all.filter(({ id }) => missing.has(id)).slice(0, this.portion);
    for (let done = 0; done < subjects.length; done += BATCH) {
      signal.throwIfAborted();
      await this.draw(subjects.slice(done, done + BATCH));
      progress(Math.min(done + BATCH, subjects.length), subjects.length);
    }
    if (subjects.length < missing.size)
      await this.jobs.enqueue(DrawPictures, null, { runAt: this.clock.in(PAUSE), key: 'next' });
  }

  /** What is to be drawn, in the order of lists: ids tell when a product was made, and the newest one is shown first. */
  private async readSubjects(): Promise<(Subject & { id: string })[]> {
    const subjects = await readSubjects();
    const ids = await this.products.idsOf(subjects.map(({ sku }) => sku));
    return subjects
      .map((subject) => ({ ...subject, id: ids.get(subject.sku) ?? '' }))
      .filter(({ id }) => id !== '')
      .sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  private async draw(subjects: readonly (Subject & { id: string })[]): Promise<void> {
    const drawn: DrawnProductPhoto[] = [];
    for (const subject of subjects) {
      const picture = await rasterise(drawPicture(subject));
      drawn.push({ productId: subject.id, alt: `Drawing: ${subject.name}`, picture });
    }
    await this.photos.add(drawn);
  }
}
