// Runs before anything is painted: light or dark, as it was chosen here, else as the system has it.
const chosen = localStorage.getItem('stockroom.theme');
const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
document.documentElement.classList.toggle('dark-mode', dark);
