package phone

import "math/bits"

// alawSilence is the A-law code of the sample 0.
const alawSilence = 0xD5

// alawLinear is the linear sample of each A-law code.
var alawLinear = func() (table [256]int16) {
	for code := range table {
		table[code] = decodeALaw(byte(code))
	}
	return table
}()

// decodeALaw turns one G.711 A-law code into a 16 bit linear sample.
func decodeALaw(code byte) int16 {
	code ^= 0x55
	sample := int16(code&0x0F)<<4 + 8
	if exponent := code >> 4 & 0x07; exponent > 0 {
		sample = (sample + 0x100) << (exponent - 1)
	}
	if code&0x80 == 0 {
		return -sample
	}
	return sample
}

// encodeALaw turns one 16 bit linear sample into its G.711 A-law code.
func encodeALaw(sample int16) byte {
	sign := byte(0x80)
	magnitude := int(sample)
	if magnitude < 0 {
		sign, magnitude = 0, -magnitude-1
	}
	magnitude >>= 4
	code := byte(magnitude)
	if magnitude >= 0x20 {
		exponent := bits.Len(uint(magnitude)) - 4
		code = byte(exponent<<4) | byte(magnitude>>(exponent-1))&0x0F
	}
	return (code | sign) ^ 0x55
}
