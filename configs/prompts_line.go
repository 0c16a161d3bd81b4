package configs

import (
	"cmp"
	"slices"

	"weibao/call"
)

// checkLineWords checks the sentences for a place in line and for a wait.
func (b *promptBook) checkLineWords(p place) {
	u := b.file.Purposes
	for i, row := range u.Place {
		at := p.with("place").with(i)
		for j, n := range row.Say {
			b.known(b.src, b.src.item(at.with("say"), j), n, nil)
		}
		if first := slices.IndexFunc(u.Place, func(r placeShape) bool { return r.Ahead == row.Ahead }); first < i && !b.src.faulty(at) {
			b.src.wrong(at.with("ahead"), Fault{What: say("前面 %d 位的话写了两次", "there are two sentences for %d ahead", row.Ahead)})
		}
	}
	for i, row := range u.Wait {
		at := p.with("wait").with(i)
		for j, n := range row.Say {
			b.known(b.src, b.src.item(at.with("say"), j), n, nil)
		}
		if row.To <= row.From && !b.src.faulty(at) {
			b.src.wrong(at.with("to"), Fault{What: say("%s 不比 %s 长", "%s is not longer than %s", row.To, row.From)})
		}
	}
}

// lineWords are the sentences as a call plays them, the places in their order.
func (b *promptBook) lineWords(languages []string) ([]call.PlaceWords, []call.WaitWords) {
	var places []call.PlaceWords
	for _, row := range b.file.Purposes.Place {
		places = append(places, call.PlaceWords{Ahead: row.Ahead, Say: inLanguages(row.Say, languages)})
	}
	slices.SortFunc(places, func(a, b call.PlaceWords) int { return cmp.Compare(a.Ahead, b.Ahead) })
	var waits []call.WaitWords
	for _, row := range b.file.Purposes.Wait {
		waits = append(waits, call.WaitWords{From: row.From, To: row.To, Say: inLanguages(row.Say, languages)})
	}
	return places, waits
}
