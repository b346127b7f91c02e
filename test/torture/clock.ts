// Loaded into the gateway with --import: SIGUSR2 sets its clock to another time, hours ahead or back.
const real = Date.now;
const jumps = [3_600_000, -1_800_000, 86_400_000, 0, -60_000, 5_000];
let at = 0;
let offset = 0;
process.on("SIGUSR2", () => {
  offset = jumps[at % jumps.length] ?? 0;
  at += 1;
});
Date.now = () => real() + offset;
