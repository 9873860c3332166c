/**
 * Why a picture is refused:
 * - `type`: it is no JPEG, PNG, WebP or AVIF;
 * - `pixels`: it has more pixels than are read;
 * - `animated`: it is an animation, or several pictures;
 * - `broken`: it ends too early, or can't be read;
 * - `time`: reading it takes longer than it may.
 */
export type RefusalReason = 'type' | 'pixels' | 'animated' | 'broken' | 'time';

export const REFUSAL_REASONS: readonly RefusalReason[] = ['type', 'pixels', 'animated', 'broken', 'time'];

const MESSAGES: Readonly<Record<RefusalReason, string>> = {
  type: 'The file is not a JPEG, PNG, WebP or AVIF picture. Send one of these.',
  pixels: 'The picture has too many pixels. Send a smaller one.',
  animated: 'The file is an animation, or has several pictures. Send a single picture.',
  broken: 'The picture is damaged or incomplete. Save it again with another program, and send that.',
  time: 'Reading the picture takes too long. Send a smaller one, or save it as another type.',
};

/** A picture is not taken, for a reason that lies in it. The message says what to send instead. */
export class ImageRefused extends Error {
  constructor(readonly reason: RefusalReason) {
    super(MESSAGES[reason]);
  }
}

/** A picture could not be processed, for a reason that does not have to lie in it. It may be tried again. */
export class ImageFailure extends Error {}

/** Too many pictures wait for their turn. It may be tried again later. */
export class ImagesBusy extends Error {
  constructor() {
    super('Too many pictures are being processed. Try again later.');
  }
}
