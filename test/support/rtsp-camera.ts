// An RTSP camera of our own (RFC 2326, 3550, 6184, 7798), for what no well-behaved server does: refuse TCP, lose packets,
// change the picture's size under way, tell wrong times. It plays access units in a loop in real time.
import { createHash } from "node:crypto";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { BitStreamFilter, BitStreamFilterContext, FormatContext, Packet } from "node-av/lib";

export interface RtspUnit {
  /** NAL units without start codes. */
  readonly nals: readonly Buffer[];
  /** Presentation time from the start of the clip, milliseconds; in order of decoding. */
  readonly ptsMs: number;
  readonly durationMs: number;
}

export interface RtspLogin {
  readonly user: string;
  readonly password: string;
}

export interface RtspCameraOptions {
  readonly units: readonly RtspUnit[];
  readonly codec?: "H264" | "H265";
  /** What SETUP may ask for; anything else gets `refusal`. */
  readonly transports?: readonly ("tcp" | "udp")[];
  readonly refusal?: string;
  /** Asked for by digest (RFC 2069's form, as RTSP cameras do). */
  readonly login?: RtspLogin;
  /** Whether this RTP packet, counted over all, is lost on the way. */
  readonly loses?: (packet: number) => boolean;
  /** The time a unit pretends to have, milliseconds; its true one is given. */
  readonly pretends?: (ms: number, index: number) => number;
}

const MAX_PAYLOAD = 1200;

export class RtspCamera implements AsyncDisposable {
  /** May be exchanged while it plays: the next unit is taken from the new ones, from their start. */
  units: readonly RtspUnit[];
  codec: "H264" | "H265";
  login: RtspLogin | null;
  /** Says nothing any more, connections stay. */
  silent = false;
  readonly #options: RtspCameraOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #players = new Set<AsyncDisposable>();
  /** How each SETUP asked to be sent to. */
  readonly asked: ("tcp" | "udp")[] = [];

  private constructor(options: RtspCameraOptions) {
    this.#options = options;
    this.units = options.units;
    this.codec = options.codec ?? "H264";
    this.login = options.login ?? null;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(options: RtspCameraOptions): Promise<RtspCamera> {
    const camera = new RtspCamera(options);
    camera.#server.listen(0, "127.0.0.1");
    await once(camera.#server, "listening");
    return camera;
  }

  get url(): string {
    return `rtsp://127.0.0.1:${(this.#server.address() as AddressInfo).port}/cam`;
  }

  /** Whoever is connected has to come again. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const player of this.#players) await player[Symbol.asyncDispose]();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    let send: ((packet: Buffer) => void) | null = null;
    let udp: UdpSocket | null = null;
    let player: AsyncDisposable | null = null;
    socket.on("close", () => {
      this.#sockets.delete(socket);
      void player?.[Symbol.asyncDispose]();
      udp?.close();
    });
    const answer = async (request: string) => {
      const cseq = /^cseq: *(\d+)/im.exec(request)?.[1] ?? "0";
      const reply = (status: string, headers: readonly string[] = [], body = "") =>
        socket.write(
          [`RTSP/1.0 ${status}`, `CSeq: ${cseq}`, "Session: 7;timeout=60", ...headers, "", body].join("\r\n"),
        );
      const method = request.split(" ", 1)[0];
      if (!this.#isKnown(request)) {
        reply("401 Unauthorized", ['WWW-Authenticate: Digest realm="cam", nonce="n1"']);
      } else if (method === "DESCRIBE") {
        const body = this.#sdp();
        reply("200 OK", ["Content-Type: application/sdp", `Content-Length: ${body.length}`], body);
      } else if (method === "SETUP") {
        const transport = /^transport: *(.*)/im.exec(request)?.[1] ?? "";
        const kind = /TCP/i.test(transport) ? "tcp" : "udp";
        this.asked.push(kind);
        if (!(this.#options.transports ?? ["tcp", "udp"]).includes(kind)) {
          reply(this.#options.refusal ?? "461 Unsupported Transport");
          return;
        }
        if (kind === "tcp") {
          send = (packet) => {
            const head = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]);
            if (!socket.destroyed) socket.write(Buffer.concat([head, packet]));
          };
          reply("200 OK", ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]);
          return;
        }
        const ports = /client_port=(\d+)-(\d+)/.exec(transport);
        const to = Number(ports?.[1]);
        const from = createSocket("udp4");
        udp = from;
        from.bind(0, "127.0.0.1");
        await once(from, "listening");
        send = (packet) => from.send(packet, to, "127.0.0.1", () => undefined);
        const own = from.address().port;
        reply("200 OK", [
          `Transport: RTP/AVP;unicast;client_port=${ports?.[1]}-${ports?.[2]};server_port=${own}-${own + 1}`,
        ]);
      } else if (method === "PLAY") {
        reply("200 OK");
        if (send !== null) player = this.#play(send);
      } else {
        reply("200 OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"]);
        if (method === "TEARDOWN") socket.end();
      }
    };
    let rest = "";
    socket.on("data", (bytes) => {
      // Reports of the player (RTCP) come interleaved, and nobody reads them.
      rest = (rest + bytes.toString("latin1")).replace(/\$[\s\S]{3}[\s\S]*?(?=[A-Z]{4,} rtsp|$)/g, "");
      for (let end = rest.indexOf("\r\n\r\n"); end !== -1; end = rest.indexOf("\r\n\r\n")) {
        void answer(rest.slice(0, end));
        rest = rest.slice(end + 4);
      }
    });
  }

  #isKnown(request: string): boolean {
    const [method = "", uri = ""] = request.split(" ", 2);
    if (this.login === null || method === "OPTIONS") return true;
    const { user, password } = this.login;
    const md5 = (text: string) => createHash("md5").update(text).digest("hex");
    const expected = md5(`${md5(`${user}:cam:${password}`)}:n1:${md5(`${method}:${uri}`)}`);
    return request.includes(`response="${expected}"`);
  }

  #sdp(): string {
    const { codec } = this;
    return [
      "v=0",
      "o=- 0 0 IN IP4 127.0.0.1",
      "s=cam",
      "t=0 0",
      "m=video 0 RTP/AVP 96",
      `a=rtpmap:96 ${codec}/90000`,
      ...(codec === "H264" ? ["a=fmtp:96 packetization-mode=1"] : []),
      "a=control:track1",
      "",
    ].join("\r\n");
  }

  #play(send: (packet: Buffer) => void): AsyncDisposable {
    let units = this.units;
    let index = 0;
    let loopMs = 0;
    let sequence = 0;
    let sent = 0;
    let shown = 0;
    let due = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const next = () => {
      if (units !== this.units || index === units.length) {
        loopMs += units.slice(0, index).reduce((sum, unit) => sum + unit.durationMs, 0);
        units = this.units;
        index = 0;
      }
      const unit = units[index];
      if (unit === undefined) return;
      const trueMs = loopMs + unit.ptsMs;
      const ms = this.#options.pretends?.(trueMs, shown) ?? trueMs;
      if (!this.silent) {
        for (const packet of this.#packets(unit, ms)) {
          packet.writeUInt16BE(sequence & 0xffff, 2);
          sequence += 1;
          sent += 1;
          if (this.#options.loses?.(sent) !== true) send(packet);
        }
      }
      index += 1;
      shown += 1;
      due += unit.durationMs;
      timer = setTimeout(next, due - performance.now());
    };
    next();
    const player = {
      [Symbol.asyncDispose]: async () => {
        clearTimeout(timer);
        this.#players.delete(player);
      },
    };
    this.#players.add(player);
    return player;
  }

  *#packets(unit: RtspUnit, ms: number): Iterable<Buffer> {
    const time = BigInt.asUintN(32, BigInt(Math.round(ms * 90)));
    for (const [at, nal] of unit.nals.entries()) {
      const pieces = [...this.#payloads(nal)];
      for (const [piece, payload] of pieces.entries()) {
        const last = at === unit.nals.length - 1 && piece === pieces.length - 1;
        const head = Buffer.alloc(12);
        head[0] = 0x80;
        head[1] = 96 | (last ? 0x80 : 0);
        head.writeUInt32BE(Number(time), 4);
        head.writeUInt32BE(0x48415645, 8);
        yield Buffer.concat([head, payload]);
      }
    }
  }

  /** Small NAL units as they are, large ones in fragments: RFC 6184, 5.8; RFC 7798, 4.4.3. */
  *#payloads(nal: Buffer): Iterable<Buffer> {
    if (nal.length <= MAX_PAYLOAD) return yield nal;
    const isH265 = this.codec === "H265";
    const first = nal[0] ?? 0;
    const headLength = isH265 ? 2 : 1;
    const type = isH265 ? (first >> 1) & 0x3f : first & 0x1f;
    for (let at = headLength; at < nal.length; at += MAX_PAYLOAD) {
      const start = at === headLength ? 0x80 : 0;
      const end = at + MAX_PAYLOAD >= nal.length ? 0x40 : 0;
      const head = isH265
        ? [(first & 0x81) | (49 << 1), nal[1] ?? 0, start | end | type]
        : [(first & 0xe0) | 28, start | end | type];
      yield Buffer.concat([Buffer.from(head), nal.subarray(at, at + MAX_PAYLOAD)]);
    }
  }
}

/** What a file of H.264 or H.265 holds, in the order of decoding. */
export async function rtspUnits(clip: string, codec: "H264" | "H265" = "H264"): Promise<RtspUnit[]> {
  const input = new FormatContext();
  const filter = new BitStreamFilterContext();
  using packet = new Packet();
  using converted = new Packet();
  packet.alloc();
  converted.alloc();
  try {
    if ((await input.openInput(clip)) < 0) throw new Error(`${clip} cannot be served`);
    await input.findStreamInfo();
    const stream = input.streams[0];
    const annexB = BitStreamFilter.getByName(codec === "H264" ? "h264_mp4toannexb" : "hevc_mp4toannexb");
    if (stream === undefined || annexB === null) throw new Error(`${clip} cannot be served`);
    filter.alloc(annexB);
    if (filter.inputCodecParameters === null) throw new Error("the filter takes no parameters");
    stream.codecpar.copy(filter.inputCodecParameters);
    filter.init();
    const msPerTick = (stream.timeBase.num * 1000) / stream.timeBase.den;
    const units: RtspUnit[] = [];
    while ((await input.readFrame(packet)) >= 0) {
      const durationMs = Number(packet.duration) * msPerTick;
      const ptsMs = Number(packet.pts) * msPerTick;
      await filter.sendPacket(packet);
      if ((await filter.receivePacket(converted)) < 0 || converted.data === null) continue;
      units.push({ nals: nalsOf(converted.data), ptsMs, durationMs: durationMs > 0 ? durationMs : 40 });
      converted.unref();
    }
    return units;
  } finally {
    filter.free();
    await input.closeInput();
  }
}

function nalsOf(annexB: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = annexB.indexOf("\0\0\x01", 0, "latin1"); at !== -1; ) {
    starts.push(at + 3);
    at = annexB.indexOf("\0\0\x01", at + 3, "latin1");
  }
  return starts.map((start, index) => {
    let end = (starts[index + 1] ?? annexB.length + 3) - 3;
    while (end > start && annexB[end - 1] === 0) end -= 1;
    return Buffer.from(annexB.subarray(start, end));
  });
}
