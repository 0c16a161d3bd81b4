package phone

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

func TestALawRoundTripKeepsEveryCode(t *testing.T) {
	t.Parallel()
	for code := range 256 {
		if got := encodeALaw(decodeALaw(byte(code))); got != byte(code) {
			t.Errorf("code %#02x: got %#02x", code, got)
		}
	}
	for s := -32768; s <= 32767; s++ {
		got := int(decodeALaw(encodeALaw(int16(s))))
		if d, most := math.Abs(float64(got-s)), math.Max(16, math.Abs(float64(s))/16); d > most {
			t.Fatalf("sample %d: got %d", s, got)
		}
	}
}

// part is one tone of a mix: from, for how long, how much weaker than a phone speaks.
type part struct {
	hz, decibel float64
	from, until int // milliseconds
}

// mix makes A-law audio as a conference bridge would: added, and limited.
func mix(length int, parts ...part) []byte {
	out := make([]byte, length*sampleRate/1000)
	for i := range out {
		var sum float64
		for _, p := range parts {
			if ms := i * 1000 / sampleRate; ms >= p.from && ms < p.until {
				phase := p.hz * 0.37
				sample := toneAmplitude * math.Pow(10, p.decibel/20) * math.Sin(2*math.Pi*p.hz*float64(i)/sampleRate+phase)
				sum += float64(decodeALaw(encodeALaw(int16(sample))))
			}
		}
		out[i] = encodeALaw(int16(max(-32768, min(32767, sum))))
	}
	return out
}

// listen feeds audio in frames and returns the ears' timeline.
func listen(e *ears, audio []byte, start time.Time) Timeline {
	for n := 0; (n+1)*frameLength <= len(audio); n++ {
		e.hear(audio[n*frameLength:(n+1)*frameLength], start.Add(time.Duration(n+1)*frameTime))
	}
	e.hush(start.Add(time.Duration(len(audio)/frameLength) * frameTime))
	return e.timeline()
}

func TestEarsTellMixedTones(t *testing.T) {
	t.Parallel()
	rows := map[string][]part{
		"one":                        {{660, 0, 300, 1500}},
		"one very weak":              {{660, -26, 300, 1500}},
		"one not on a frame's edge":  {{1150, 0, 309, 1497}},
		"neighbours":                 {{420, 0, 300, 1500}, {540, 0, 700, 1900}},
		"neighbours, one weaker":     {{540, 0, 300, 1500}, {660, -12, 700, 1900}},
		"three":                      {{420, 0, 300, 1500}, {800, 0, 500, 1700}, {1600, 0, 700, 1900}},
		"three, two weaker":          {{420, -6, 300, 1500}, {540, 0, 500, 1700}, {660, -12, 700, 1900}},
		"handed over without a hole": {{540, 0, 300, 1000}, {660, 0, 1000, 1900}},
		"harmonics of each other":    {{540, 0, 300, 1500}, {1600, -6, 700, 1900}, {800, -6, 900, 1500}},
		"all eight, each a third": {
			{420, -10, 300, 1500},
			{540, -10, 300, 1500},
			{660, -10, 300, 1500},
			{800, -10, 300, 1500},
			{950, -10, 300, 1500},
			{1150, -10, 300, 1500},
			{1350, -10, 300, 1500},
			{1600, -10, 300, 1500},
		},
		"nothing": {},
	}
	for name, parts := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			got := listen(newEars(tones), mix(2200, parts...), start)
			if len(got) != len(parts) {
				t.Fatalf("got %s", got)
			}
			for _, p := range parts {
				spans := got.Of(p.hz)
				if len(spans) != 1 {
					t.Fatalf("%g Hz: got %s", p.hz, got)
				}
				for what, off := range map[string]time.Duration{
					"begins": spans[0].From.Sub(start) - time.Duration(p.from)*time.Millisecond,
					"ends":   spans[0].To.Sub(start) - time.Duration(p.until)*time.Millisecond,
				} {
					if off.Abs() > 40*time.Millisecond {
						t.Errorf("%g Hz %s %s off", p.hz, what, off)
					}
				}
			}
		})
	}
}

func TestEarsTellEveryPairOfTones(t *testing.T) {
	t.Parallel()
	for i, a := range tones {
		for _, b := range tones[i+1:] {
			got := listen(newEars(tones), mix(600, part{a, 0, 0, 600}, part{b, -9, 200, 600}), time.Now())
			if len(got) != 2 || got[0].Hz != a || got[1].Hz != b {
				t.Errorf("%g and %g: got %s", a, b, got)
			}
		}
	}
}

func TestEarsSurviveLostPackets(t *testing.T) {
	t.Parallel()
	audio := mix(2000, part{540, 0, 0, 2000}, part{1350, -6, 0, 2000})
	e, start := newEars(tones), time.Now()
	for n := range len(audio) / frameLength {
		frame := audio[n*frameLength : (n+1)*frameLength]
		if n%10 == 7 {
			frame = nil
		}
		e.hear(frame, start.Add(time.Duration(n+1)*frameTime))
	}
	if got := e.timeline(); len(got.Of(540)) != 1 || len(got.Of(1350)) != 1 {
		t.Errorf("got %s", got)
	}
}

func TestEarsCallAPromptAVoice(t *testing.T) {
	t.Parallel()
	audio, err := os.ReadFile("testdata/prompt.alaw") // espeak-ng, Chinese, 8 kHz A-law
	if err != nil {
		t.Fatal(err)
	}
	got := listen(newEars(tones), audio, time.Now())
	length := time.Duration(len(audio)) * time.Second / sampleRate
	if got.Total(Voice) < length*8/10 || len(got.Of(Voice)) != len(got) {
		t.Errorf("got %s of %s", got, length)
	}
}

func TestEarsTakeANearbyToneForAVoice(t *testing.T) {
	t.Parallel()
	for _, hz := range []float64{300, 440, 450, 480, 620, 1000, 1400, 2000} {
		for _, decibel := range []float64{0, -20} {
			got := listen(newEars(tones), mix(1500, part{hz, decibel, 300, 1300}), time.Now())
			if len(got) != 1 || got[0].Hz != Voice {
				t.Errorf("%g Hz: got %s", hz, got)
			}
		}
	}
}

func TestEarsHearATonesBeginAfterAPrompt(t *testing.T) {
	t.Parallel()
	audio, err := os.ReadFile("testdata/prompt.alaw")
	if err != nil {
		t.Fatal(err)
	}
	audio = audio[:len(audio)/frameLength*frameLength]
	start := time.Now()
	got := listen(newEars(tones), slices.Concat(audio, mix(1000, part{540, 0, 0, 1000})), start)
	spans := got.Of(540)
	if len(spans) != 1 {
		t.Fatalf("got %s", got)
	}
	prompt := time.Duration(len(audio)) * time.Second / sampleRate
	if off := spans[0].From.Sub(start) - prompt; off.Abs() > 60*time.Millisecond {
		t.Errorf("%s off: %s", off, got)
	}
}

func TestStreamIgnoresTheStallsOfTheReader(t *testing.T) {
	t.Parallel()
	var s stream
	start, random := time.Now(), rand.New(rand.NewPCG(1, 2))
	for n := range 500 {
		sent := start.Add(time.Duration(n) * frameTime)
		arrived := sent.Add(time.Duration(random.IntN(8)) * time.Millisecond)
		if stall := start.Add(6 * time.Second); n > 280 && n < 300 {
			arrived = stall // 380 ms in which nobody read
		}
		ended, silent, ok := s.place(&rtp.Header{SSRC: 1, SequenceNumber: uint16(65000 + n), Timestamp: uint32(n * frameLength)}, arrived)
		if off := ended.Sub(sent); !ok || silent != 0 || off.Abs() > 60*time.Millisecond && n > 300 {
			t.Fatalf("packet %d: %s off, %d silent, %t", n, off, silent, ok)
		}
	}
}

func TestStreamCountsTheSilenceBetweenPackets(t *testing.T) {
	t.Parallel()
	type packet struct {
		ssrc, seq, stamp, arrived int // arrived in milliseconds
		silent                    int
		ok                        bool
	}
	rows := map[string][]packet{
		"lost":          {{1, 1, 160, 20, 0, true}, {1, 3, 480, 60, 1, true}},
		"twice":         {{1, 1, 160, 20, 0, true}, {1, 1, 160, 21, 0, false}},
		"out of order":  {{1, 1, 160, 20, 0, true}, {1, 3, 480, 60, 1, true}, {1, 2, 320, 61, 0, false}},
		"pause":         {{1, 1, 160, 20, 0, true}, {1, 2, 960, 120, 4, true}},
		"another":       {{1, 1, 160, 20, 0, true}, {2, 900, 5, 80, 2, true}},
		"stamps jump":   {{1, 1, 160, 20, 0, true}, {1, 2, 999999, 40, 0, true}},
		"long pause":    {{1, 1, 160, 20, 0, true}, {1, 2, 160 + 8*9000, 9020, longestGap, true}},
		"begins anew":   {{1, 5000, 160, 20, 0, true}, {1, 1, 320, 60, 1, true}},
		"stamps rewind": {{1, 1, 9000, 20, 0, true}, {1, 2, 160, 40, 0, true}},
	}
	for name, packets := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s stream
			start := time.Now()
			for i, p := range packets {
				h := &rtp.Header{SSRC: uint32(p.ssrc), SequenceNumber: uint16(p.seq), Timestamp: uint32(p.stamp)}
				_, silent, ok := s.place(h, start.Add(time.Duration(p.arrived)*time.Millisecond))
				if silent != p.silent || ok != p.ok {
					t.Errorf("packet %d: got %d, %t", i, silent, ok)
				}
			}
		})
	}
}

func TestTimelineMeasuresTheTimeAlone(t *testing.T) {
	t.Parallel()
	start := time.Now()
	sec := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	line := Timeline{
		{Hz: policeTone, From: sec(4), To: sec(9)},
		{Hz: seatTone, From: sec(1), To: sec(5)},
		{Hz: Voice, From: sec(0), To: sec(0.5)},
		{Hz: seatTone, From: sec(9.2), To: sec(10)},
	}
	rows := []struct {
		from, to float64
		hz       []float64
		want     float64
	}{
		{1, 9, []float64{seatTone, policeTone}, 0},
		{0, 10, []float64{seatTone, policeTone}, 1},
		{0, 10, nil, 0.5},
		{2, 10, []float64{seatTone}, 4.2},
		{9, 12, []float64{seatTone}, 2},
		{2, 3, []float64{policeTone}, 1},
		{5, 9, []float64{childTone}, 4},
	}
	for _, r := range rows {
		got := line.LongestGap(sec(r.from), sec(r.to), r.hz...).Seconds()
		if math.Abs(got-r.want) > 1e-6 {
			t.Errorf("%v: got %g", r, got)
		}
	}
	if got := line.Overlap(seatTone, policeTone); got != time.Second {
		t.Errorf("overlap: got %s", got)
	}
	if got, want := fmt.Sprint(line), "voice 0.00–0.50 s, 540 Hz 1.00–5.00 s, 660 Hz 4.00–9.00 s, 540 Hz 9.20–10.00 s"; got != want {
		t.Errorf("got %s", got)
	}
}

func BenchmarkEarsHearOneFrame(b *testing.B) {
	audio := mix(1000, part{540, 0, 0, 1000}, part{660, 0, 0, 1000})
	e, now := newEars(tones), time.Now()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		i := n % 50 * frameLength
		now = now.Add(frameTime)
		e.hear(audio[i:i+frameLength], now)
	}
}
