package phone

import (
	"math"
)

const (
	sampleRate  = 8000
	frameLength = 160 // samples of 20 ms
	// toneAmplitude is where three tones together still fit below full scale.
	toneAmplitude = 6500
)

// tone is one second of a sine in A-law; whole hertz repeat without a click.
type tone struct{ loop []byte }

// newTone makes the loop of a tone of so many hertz, rounded to whole hertz.
// Zero hertz is silence.
func newTone(hz float64) *tone {
	hz = math.Round(hz)
	loop := make([]byte, sampleRate)
	for i := range loop {
		if hz == 0 {
			loop[i] = alawSilence
			continue
		}
		loop[i] = encodeALaw(int16(toneAmplitude * math.Sin(2*math.Pi*hz*float64(i)/sampleRate)))
	}
	return &tone{loop: loop}
}

// frame is the n-th frame of 20 ms.
func (t *tone) frame(n uint64) []byte {
	at := int(n % (sampleRate / frameLength) * frameLength)
	return t.loop[at : at+frameLength]
}

const (
	windowLength = 2 * frameLength // 40 ms: bins of 25 Hz, and Hann tells tones 100 Hz apart
	floorPower   = 0.004 * 0.004 / 2
)

// hann is the window of the analysis, hannSum its sum, hannSquare the sum of its squares.
var hann, hannSum, hannSquare = func() (w [windowLength]float64, sum, square float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/windowLength)
		sum += w[i]
		square += w[i] * w[i]
	}
	return w, sum, square
}()

// resonator measures the power at one frequency (Goertzel).
type resonator struct{ coefficient float64 }

func newResonator(hz float64) resonator {
	return resonator{coefficient: 2 * math.Cos(2*math.Pi*hz/sampleRate)}
}

// power is the mean square of the tone in a windowed block, where full scale is 1.
func (r resonator) power(windowed *[windowLength]float64) float64 {
	var s1, s2 float64
	for _, x := range windowed {
		s1, s2 = x+r.coefficient*s1-s2, s1
	}
	square := s1*s1 + s2*s2 - r.coefficient*s1*s2
	return 2 * square / (hannSum * hannSum)
}

// detector measures one tone, and whether the energy there is centred on it: a
// ringing tone of 450 Hz is not the tone of 420 Hz.
type detector struct{ below, on, above resonator }

const binWidth = sampleRate / windowLength // hertz

func newDetector(hz float64) detector {
	return detector{newResonator(hz - binWidth), newResonator(hz), newResonator(hz + binWidth)}
}

// power is the power of the tone, or none if it is too weak to count or is the
// flank of something beside it.
func (d detector) power(windowed *[windowLength]float64, least float64) float64 {
	p := d.on.power(windowed)
	if p < least {
		return 0
	}
	below, above := d.below.power(windowed), d.above.power(windowed)
	if below > 3*above || above > 3*below || below > p || above > p {
		return 0
	}
	return p
}

// meanSquare is the power of all that is in a windowed block.
func meanSquare(windowed *[windowLength]float64) float64 {
	var sum float64
	for _, x := range windowed {
		sum += x * x
	}
	return sum / hannSquare
}
