import { css } from "lit";

/** Red and loud while nobody has acknowledged it, a quiet line from then on. */
export const alarmCardStyles = css`
  article {
    display: grid;
    gap: 8px 16px;
    grid-template-columns: auto minmax(0, 1fr);
    align-items: center;
    padding: 12px max(16px, env(safe-area-inset-right), calc(50vw - 584px)) 12px
      max(16px, env(safe-area-inset-left), calc(50vw - 584px));
    border-bottom: 1px solid var(--line);
    background: color-mix(in srgb, var(--alarm), var(--card) 86%);
    color: var(--text);
  }
  article > svg {
    align-self: start;
    color: var(--ok);
  }
  .calm {
    grid-template-columns: auto minmax(0, 1fr) auto;
    padding-top: 6px;
    padding-bottom: 6px;
  }
  .calm > button {
    padding: 8px 14px;
  }
  .words {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  strong {
    display: inline;
    font-size: 1rem;
    line-height: 1.25;
  }
  .badge {
    display: inline-block;
    margin-left: 6px;
    padding: 1px 8px;
    border: 1px solid currentColor;
    border-radius: 999px;
    font-size: 0.8rem;
    font-weight: 700;
    vertical-align: 2px;
  }
  .below {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    grid-column: 1 / -1;
    gap: 8px;
  }
  .below > button,
  .below > .button {
    flex: 0 1 auto;
    padding: 8px 16px;
  }
  .name {
    flex: 1 1 140px;
    max-width: 260px;
  }
  haven-skeleton-replay,
  haven-alarm-answer {
    grid-column: 1 / -1;
  }
  haven-skeleton-replay {
    --replay-height: 24vh;
    justify-self: start;
    width: min(100%, 420px);
  }
  @media (min-width: 900px) {
    article {
      grid-template-columns: auto minmax(0, 1fr) auto;
    }
    haven-skeleton-replay {
      --replay-height: 34vh;
      grid-row: 1 / span 4;
      grid-column: 3;
      width: 360px;
    }
    .calm > haven-skeleton-replay {
      grid-column: 4;
    }
    .below,
    haven-alarm-answer {
      grid-column: 1 / 3;
    }
  }
  .raised {
    border-bottom-color: rgba(255, 255, 255, 0.25);
    background: var(--alarm);
    color: #fff;
  }
  .raised > svg {
    color: inherit;
    animation: pulse 1.2s ease-in-out infinite alternate;
  }
  .raised strong {
    font-size: 1.2rem;
  }
  .raised .button,
  .raised button {
    border-color: rgba(255, 255, 255, 0.7);
    color: #fff;
  }
  .raised .button:hover,
  .raised button:hover {
    background: rgba(255, 255, 255, 0.15);
  }
  .raised button.answer,
  .raised button.answer:hover {
    flex: 1 1 130px;
    max-width: 260px;
    border-color: #fff;
    background: #fff;
    color: #8c120b;
  }
  .raised :focus-visible {
    outline-color: #fff;
  }
  @keyframes pulse {
    to {
      opacity: 0.35;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .raised > svg {
      animation: none;
    }
  }
`;
