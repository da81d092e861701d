// One person, one entry: what a stream of tracklets whose people are known has made of them.

/** A tracklet, whose it is, and the entry it was told to be. */
export interface ToldTracklet {
  readonly truePerson: string;
  /** As it stands when all is over, merges followed; null when nobody was named. */
  readonly entry: string | null;
}

export interface IdentityScore {
  readonly persons_true: number;
  /** Entries that hold any tracklet in the end. */
  readonly persons_made: number;
  readonly tracklets: number;
  /** Tracklets told to be another entry than the last one of the same person that was told: a name that jumps. */
  readonly id_switches: number;
  /** Share of all tracklets. */
  readonly id_switch_rate: number;
  /** Lives joined for good: over all entries, the people in it beyond the first. */
  readonly false_merges: number;
  /** Tracklets told to be an entry most of whose tracklets are another person's. */
  readonly false_tracklets: number;
  /** Over all people, the entries they are spread over beyond the first. */
  readonly fragmentations: number;
  /** Tracklets of which nothing was told. */
  readonly unknown: number;
  readonly seed: number;
}

/** @param told in the order in which they were seen */
export function scoreIdentities(told: readonly ToldTracklet[], seed: number): IdentityScore {
  const entries = new Map<string, Map<string, number>>();
  const people = new Map<string, Set<string>>();
  const last = new Map<string, string>();
  let switches = 0;
  for (const { truePerson, entry } of told) {
    const own = people.get(truePerson) ?? new Set();
    people.set(truePerson, own);
    if (entry === null) continue;
    const before = last.get(truePerson);
    if (before !== undefined && before !== entry) switches += 1;
    last.set(truePerson, entry);
    own.add(entry);
    const counts = entries.get(entry) ?? new Map<string, number>();
    entries.set(entry, counts.set(truePerson, (counts.get(truePerson) ?? 0) + 1));
  }
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    persons_true: people.size,
    persons_made: entries.size,
    tracklets: told.length,
    id_switches: switches,
    id_switch_rate: told.length === 0 ? 0 : switches / told.length,
    false_merges: sum([...entries.values()].map((counts) => counts.size - 1)),
    false_tracklets: sum(
      [...entries.values()].map((counts) => sum([...counts.values()]) - Math.max(...counts.values())),
    ),
    fragmentations: sum([...people.values()].map((own) => Math.max(0, own.size - 1))),
    unknown: told.filter(({ entry }) => entry === null).length,
    seed,
  };
}

/** A sample of one person, as many as are seen of them. */
export interface PersonSample<T> {
  readonly truePerson: string;
  readonly sample: T;
}

export interface StreamedTracklet<T> {
  readonly truePerson: string;
  readonly cameraId: string;
  /** Seconds since the beginning. */
  readonly startS: number;
  readonly samples: readonly T[];
}

export interface StreamShape {
  /** Samples a tracklet is made of; what is left over makes a shorter one. */
  readonly samplesPerTracklet: number;
  readonly cameraIds: readonly string[];
  /** Seconds between two tracklets: at least, and at most. */
  readonly pauseS: readonly [number, number];
  /** 0..1. */
  readonly random: () => number;
}

/** Each person's samples in random order, cut into tracklets, and those of all people in random order, cameras and times. */
export function randomStream<T>(
  samples: readonly PersonSample<T>[],
  { samplesPerTracklet, cameraIds, pauseS: [least, most], random }: StreamShape,
): readonly StreamedTracklet<T>[] {
  const byPerson = new Map<string, T[]>();
  for (const { truePerson, sample } of samples)
    byPerson.set(truePerson, [...(byPerson.get(truePerson) ?? []), sample]);
  const tracklets = [...byPerson].flatMap(([truePerson, own]) => {
    const mixed = shuffled(own, random);
    return Array.from({ length: Math.ceil(mixed.length / samplesPerTracklet) }, (_, index) => {
      const from = index * samplesPerTracklet;
      return { truePerson, samples: mixed.slice(from, from + samplesPerTracklet) };
    });
  });
  let startS = 0;
  return shuffled(tracklets, random).map((tracklet) => {
    startS += least + random() * (most - least);
    const cameraId = cameraIds[Math.floor(random() * cameraIds.length)] ?? "";
    return { ...tracklet, cameraId, startS };
  });
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}
