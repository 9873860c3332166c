// Runs before anything is painted: light or dark, as it was chosen here, else as the system has it.
const chosen = localStorage.getItem('stockroom.theme');
const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
document.documentElement.classList.toggle('dark-mode', dark);

// From here on, so that a click works before everything else of the page is there.
document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element) || !target.closest('#theme')) return;
  const isDark = document.documentElement.classList.toggle('dark-mode');
  localStorage.setItem('stockroom.theme', isDark ? 'dark' : 'light');
});
