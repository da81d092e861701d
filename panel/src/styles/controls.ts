import { css } from "lit";

/** What buttons, fields and cards have in common. Everything that is touched is at least 48 px high. */
export const controls = css`
  * {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }

  h1 {
    margin: 0;
    font-size: 1.5rem;
    font-weight: 600;
    line-height: 1.25;
  }

  h1:focus {
    outline: none;
  }

  h2 {
    margin: 0;
    font-size: 1.05rem;
    font-weight: 600;
  }

  p {
    margin: 0;
  }

  a {
    color: var(--accent);
  }

  code {
    padding: 0.1em 0.4em;
    border-radius: 6px;
    background: var(--tint);
    font-size: 0.95em;
  }

  .soft {
    color: var(--soft);
  }

  .small {
    font-size: 0.875rem;
  }

  .card {
    padding: 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
  }

  .grow {
    flex: 1;
    min-width: 0;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 48px;
    padding: 8px 20px;
    border: 1px solid var(--line);
    border-radius: 999px;
    background: transparent;
    color: var(--accent);
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    cursor: pointer;
    touch-action: manipulation;
  }

  button:hover,
  .button:hover {
    background: var(--tint);
  }

  button:disabled {
    opacity: 0.55;
    cursor: default;
  }

  .primary,
  .primary:hover {
    border-color: transparent;
    background: var(--button);
    color: #fff;
  }

  .danger {
    color: var(--danger);
  }

  .danger.primary {
    background: var(--alarm);
    color: #fff;
  }

  .icon {
    flex: none;
    width: 48px;
    padding: 0;
    border-color: transparent;
  }

  .field {
    display: grid;
    gap: 4px;
  }

  .field > span:first-child,
  .field > label {
    font-weight: 600;
  }

  input:not([type="checkbox"]),
  select {
    width: 100%;
    min-height: 48px;
    padding: 8px 12px;
    border: 1px solid color-mix(in srgb, var(--soft), transparent 30%);
    border-radius: 8px;
    background: var(--bg);
    color: var(--text);
    font: inherit;
  }

  .problem {
    color: var(--danger);
    font-weight: 600;
  }
`;
