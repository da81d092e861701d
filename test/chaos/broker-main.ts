// A broker in a process of its own, so that it can be killed or frozen by itself: the engine of the embedded broker, without
// the rule of who may write what, as for every broker that is somebody else's.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker();
const server = createServer((socket) => broker.handle(socket));
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.send?.("ready"));
process.on("disconnect", () => process.exit(0));
