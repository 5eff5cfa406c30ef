/* SPDX-License-Identifier: GPL-3.0-or-later */
"use strict";
/*
 * What a reader can do with the page beyond reading it: sort tables, filter flags, fold sections. All
 * of it works on text that is there already; nothing is fetched, stored or written as markup.
 */
(function () {
	const make = (tag, text, parent) => {
		const element = document.createElement(tag);
		element.textContent = text;
		if (parent)
			parent.append(element);
		return element;
	};
	const ranks = { Low: 1, Medium: 2, High: 3 };
	const keyOf = (row, column) => {
		const cell = row.cells[column];
		const time = cell ? cell.querySelector("time") : null;
		const text = time ? time.dateTime : cell ? cell.textContent.trim() : "";
		const number = Number(text.replace(/,/g, "").replace(/^(flag-|I-)/, ""));
		return ranks[text] || (text !== "" && !Number.isNaN(number) ? number : text.toLowerCase());
	};
	const compare = (a, b) =>
		typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;

	function sortable(table) {
		const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
		heads.forEach((head, column) => {
			if (head.textContent === "" || table.tBodies.length !== 1 ||
				table.tBodies[0].rows.length < 5 || table.closest("article"))
				return;
			const button = make("button", head.textContent);
			button.type = "button";
			button.className = "sort";
			head.replaceChildren(button);
			button.addEventListener("click", () => {
				const up = head.getAttribute("aria-sort") !== "ascending";
				heads.forEach((other) => other.removeAttribute("aria-sort"));
				head.setAttribute("aria-sort", up ? "ascending" : "descending");
				const body = table.tBodies[0];
				const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
				rows.sort((a, b) => (up ? compare(a.key, b.key) : compare(b.key, a.key)));
				body.replaceChildren(...rows.map((entry) => entry.row));
			});
		});
	}

	function filter(section, things, what) {
		if (things.length < 2)
			return;
		const bar = make("div", "");
		bar.className = "filter";
		const label = make("label", "Show only ", bar);
		const input = document.createElement("input");
		input.type = "search";
		input.autocomplete = "off";
		input.setAttribute("aria-label", "Filter " + what);
		label.append(input);
		const status = make("span", things.length + " " + what, bar);
		status.setAttribute("role", "status");
		section.querySelector("h2").after(bar);
		let texts = null;
		input.addEventListener("input", () => {
			texts = texts || things.map((thing) => thing.textContent.toLowerCase());
			const words = input.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
			let shown = 0;
			things.forEach((thing, i) => {
				thing.hidden = !words.every((word) => texts[i].includes(word));
				shown += thing.hidden ? 0 : 1;
			});
			status.textContent = shown + " of " + things.length + " " + what;
			bar.classList.toggle("on", words.length > 0); /* what is left out shows on paper too */
			const folded = section.querySelector(":scope > details");
			if (folded && words.length > 0)
				folded.open = true;
		});
	}

	function foldable(section) {
		const head = section.querySelector(":scope > h2");
		if (!head)
			return;
		const button = make("button", "Fold");
		button.type = "button";
		button.className = "fold-button";
		button.setAttribute("aria-expanded", "true");
		button.setAttribute("aria-label", "Fold " + head.textContent);
		head.append(button);
		button.addEventListener("click", () => {
			const folded = section.classList.toggle("folded");
			button.textContent = folded ? "Unfold" : "Fold";
			button.setAttribute("aria-expanded", folded ? "false" : "true");
		});
	}

	/* A link into a folded list opens it. */
	function reveal() {
		const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
		for (let at = target; at; at = at.parentElement) {
			if (at.tagName === "DETAILS")
				at.open = true;
			at.classList.remove("folded");
		}
		if (target)
			target.scrollIntoView();
	}

	/* For browsers whose style sheets cannot. */
	let unfolded = [];
	window.addEventListener("beforeprint", () => {
		unfolded = [...document.querySelectorAll("details:not([open]):not(.long)")];
		unfolded.forEach((list) => { list.open = true; });
	});
	window.addEventListener("afterprint", () => {
		unfolded.forEach((list) => { list.open = false; });
	});

	document.querySelectorAll("table").forEach(sortable);
	const all = document.getElementById("all-flags");
	if (all)
		filter(all, [...all.querySelectorAll("tbody tr")], "flags");
	const cards = document.getElementById("decide");
	if (cards)
		filter(cards, [...cards.querySelectorAll("article")], "incidents");
	document.querySelectorAll("main > section[id]").forEach(foldable);
	window.addEventListener("hashchange", reveal);
	reveal();
})();
