/* A chess board to move pieces on: the rules of movement, castling, en passant, promotion and check. */
const GLYPH = { k: "♚", q: "♛", r: "♜", b: "♝", n: "♞", p: "♟" };
const START = "rnbqkbnrpppppppp................................PPPPPPPPRNBQKBNR";
const STEPS = { n: [[1, 2], [2, 1], [-1, 2], [-2, 1], [1, -2], [2, -1], [-1, -2], [-2, -1]],
  b: [[1, 1], [1, -1], [-1, 1], [-1, -1]], r: [[1, 0], [-1, 0], [0, 1], [0, -1]] };
STEPS.q = STEPS.k = [...STEPS.b, ...STEPS.r];
const white = (piece) => piece !== "." && piece === piece.toUpperCase();
const fresh = () => ({ cells: [...START], white: true, rights: "KQkq", passant: -1 });

function* steps(game, from, attacksOnly = false) {
  const piece = game.cells[from], own = white(piece), kind = piece.toLowerCase();
  const x = from % 8, y = from >> 3, at = (cx, cy) => (cx < 0 || cx > 7 || cy < 0 || cy > 7 ? -1 : cy * 8 + cx);
  const free = (to) => game.cells[to] === ".", foe = (to) => !free(to) && white(game.cells[to]) !== own;
  if (kind === "p") {
    const ahead = own ? -1 : 1, one = at(x, y + ahead), two = at(x, y + 2 * ahead);
    for (const side of [-1, 1]) {
      const to = at(x + side, y + ahead);
      if (to >= 0 && (attacksOnly || foe(to) || to === game.passant)) yield to;
    }
    if (!attacksOnly && one >= 0 && free(one)) { yield one; if (y === (own ? 6 : 1) && free(two)) yield two; }
    return;
  }
  for (const [dx, dy] of STEPS[kind]) {
    for (let n = 1; n < 8; n += 1) {
      const to = at(x + n * dx, y + n * dy);
      if (to < 0 || (!free(to) && !foe(to))) break;
      yield to;
      if (foe(to) || kind === "k" || kind === "n") break;
    }
  }
  if (kind === "k" && !attacksOnly && !attacked(game, from, !own)) {
    for (const [right, side] of [[own ? "K" : "k", 1], [own ? "Q" : "q", -1]]) {
      const between = side > 0 ? [from + 1, from + 2] : [from - 1, from - 2, from - 3];
      if (game.rights.includes(right) && between.every(free) && !attacked(game, from + side, !own)) yield from + 2 * side;
    }
  }
}
function attacked(game, cell, byWhite) {
  return game.cells.some((piece, from) => piece !== "." && white(piece) === byWhite && [...steps(game, from, true)].includes(cell));
}
function played(game, from, to) {
  const cells = [...game.cells], piece = cells[from], kind = piece.toLowerCase();
  if (kind === "p" && to === game.passant) cells[to + (white(piece) ? 8 : -8)] = ".";
  if (kind === "k" && Math.abs(to - from) === 2) {
    const rook = to > from ? from + 3 : from - 4;
    cells[(from + to) / 2] = cells[rook]; cells[rook] = ".";
  }
  cells[to] = kind === "p" && (to < 8 || to > 55) ? (white(piece) ? "Q" : "q") : piece;
  cells[from] = ".";
  const lost = { 0: "q", 7: "k", 4: "kq", 56: "Q", 63: "K", 60: "KQ" };
  const gone = (lost[from] || "") + (lost[to] || "");
  return { cells, white: !game.white, rights: [...game.rights].filter((right) => !gone.includes(right)).join(""),
    passant: kind === "p" && Math.abs(to - from) === 16 ? (from + to) / 2 : -1 };
}
const inCheck = (game, side) => attacked(game, game.cells.indexOf(side ? "K" : "k"), !side);
export function legal(game, from) {
  if (game.cells[from] === "." || white(game.cells[from]) !== game.white) return [];
  return [...steps(game, from)].filter((to) => !inCheck(played(game, from, to), game.white));
}

export function mountChess(board, turn, again) {
  let game = fresh(), chosen = -1, drag = null;
  const squares = Array.from({ length: 64 }, (_, cell) => {
    const button = document.createElement("button");
    button.type = "button"; button.tabIndex = cell === 52 ? 0 : -1;
    button.className = ((cell >> 3) + cell) % 2 ? "dark" : "";
    button.append(document.createElement("span"));
    board.append(button);
    return button;
  });
  const draw = () => {
    const goals = chosen < 0 ? [] : legal(game, chosen);
    squares.forEach((button, cell) => {
      const piece = game.cells[cell], place = "abcdefgh"[cell % 8] + (8 - (cell >> 3));
      button.firstChild.textContent = piece === "." ? "" : GLYPH[piece.toLowerCase()] + "\ufe0e";
      button.firstChild.className = white(piece) ? "white" : "black";
      button.setAttribute("aria-label", piece === "." ? place : `${white(piece) ? "white" : "black"} ${piece.toLowerCase()} ${place}`);
      button.classList.toggle("from", cell === chosen);
      button.classList.toggle("to", goals.includes(cell));
    });
    const stuck = !game.cells.some((_, cell) => legal(game, cell).length);
    const side = game.white ? "White" : "Black";
    turn.textContent = stuck ? (inCheck(game, game.white) ? `${side} is mated.` : "Stalemate.") : `${side} to move.`;
  };
  const move = (from, to) => {
    if (from < 0 || !legal(game, from).includes(to)) return false;
    game = played(game, from, to); chosen = -1; draw();
    return true;
  };
  const choose = (cell) => { if (!move(chosen, cell)) { chosen = legal(game, cell).length && cell !== chosen ? cell : -1; draw(); } };
  const under = (event) => squares.indexOf(document.elementFromPoint(event.clientX, event.clientY)?.closest("#board button"));
  board.addEventListener("pointerdown", (event) => {
    const cell = under(event);
    if (cell >= 0 && legal(game, cell).length) {
      drag = { cell, x: event.clientX, y: event.clientY, again: chosen === cell };
      chosen = cell; draw();
      squares[cell].classList.add("lifted");
      board.setPointerCapture(event.pointerId);
    } else if (cell >= 0) choose(cell);
  });
  board.addEventListener("pointermove", (event) => {
    if (drag) squares[drag.cell].firstChild.style.transform = `translate(${event.clientX - drag.x}px, ${event.clientY - drag.y}px)`;
  });
  board.addEventListener("pointerup", (event) => {
    if (!drag) return;
    squares[drag.cell].firstChild.style.transform = "";
    squares[drag.cell].classList.remove("lifted");
    const { cell, again: second } = drag, to = under(event);
    drag = null;
    if (!move(cell, to) && (second || to !== cell)) { chosen = -1; draw(); }
  });
  board.addEventListener("keydown", (event) => {
    const cell = squares.indexOf(document.activeElement), by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 }[event.key];
    if (cell < 0) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(cell); }
    if (by && squares[cell + by]) { event.preventDefault(); squares[cell].tabIndex = -1; squares[cell + by].tabIndex = 0; squares[cell + by].focus(); }
  });
  again.addEventListener("click", () => { game = fresh(); chosen = -1; draw(); });
  draw();
}
