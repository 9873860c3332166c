let running = 0;

/**
 * Says that the page is busy until some work has ended; an offer that fails is no offer.
 * @param {Promise<unknown>} work
 */
export function busy(work) {
  const page = document.getElementById('swagger-ui');
  running += 1;
  page?.setAttribute('aria-busy', 'true');
  void work
    .catch(() => undefined)
    .finally(() => {
      running -= 1;
      if (running === 0) page?.setAttribute('aria-busy', 'false');
    });
}
