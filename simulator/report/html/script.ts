/** The page's only script: tips on hover and focus, and opening what a link or the printer needs. Works without it too. */
export const SCRIPT = `(() => {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const hide = () => { tip.hidden = true; };
  const show = (element) => {
    tip.replaceChildren(...element.dataset.tip.split('\\n').map((line, index) => {
      const part = document.createElement(index === 0 ? 'b' : 'span');
      part.textContent = line;
      return part;
    }));
    tip.hidden = false;
    const box = element.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + Math.min(box.width, 400) / 2 - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = Math.max(8, left) + 'px';
    tip.style.top = (above < 8 ? box.bottom + 8 : above) + 'px';
  };
  const over = (event) => {
    const element = event.target.closest?.('[data-tip]');
    if (element) show(element);
    else if (!tip.contains(event.target)) hide();
  };
  addEventListener('pointerover', over);
  addEventListener('focusin', over);
  addEventListener('focusout', hide);
  addEventListener('scroll', hide, true);
  addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let up = target.closest('details'); up; up = up.parentElement.closest('details')) up.open = true;
    target.scrollIntoView({ block: 'center' });
  };
  addEventListener('hashchange', reveal);
  reveal();
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details.happened:not([open])')];
    for (const details of opened) details.open = true;
  });
  addEventListener('afterprint', () => { for (const details of opened) details.open = false; });
})();`;
