package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"weibao/call"
	"weibao/ivr"
)

const (
	// stopLimit bounds the stopping of one playback; it takes half a millisecond.
	stopLimit = time.Second
	// stopRetry is between two tries: a stop straight after the start may be
	// answered 500, and the prompt goes on.
	stopRetry = 10 * time.Millisecond
	// stopWait is how long the end of a stopped playback may take to be told
	// before Asterisk is asked for it: the socket may be down.
	stopWait = 200 * time.Millisecond
)

// playbackID is made so that the event finds its Play by itself.
func playbackID(leg call.LegID, play string) string { return string(leg) + "~" + play }

// playOf is the Play of a playback's id, and whether it is the tone in place of
// a file that failed.
func playOf(p played) (play string, substitute bool) {
	play = strings.TrimPrefix(p.id, string(p.leg)+"~")
	return strings.CutSuffix(play, substituteSuffix)
}

const substituteSuffix = "~tone"

// Play plays to one party, in a room as well: nobody else there hears it, and
// the party and the others do not hear each other meanwhile. A prompt without a file is played in another language; where there is nothing
// to play at all there is a tone, and never silence.
func (l *Line) Play(ctx context.Context, leg call.LegID, play string, prompts []ivr.Prompt) error {
	p := l.book.play(leg, play)
	if p == nil {
		return nil
	}
	media := l.sounds.media(prompts)
	silent := len(media) == 0
	if silent {
		l.log.Error("nothing to play", "leg", leg, "prompts", prompts)
		media = []string{tone}
	}
	if err := l.play(ctx, leg, p.id, media); err != nil {
		if status(err) != 0 {
			l.book.unplay(leg, play)
		}
		// Without an answer it may be played all the same, and must be stopped.
		return err
	}
	if silent {
		l.endLater(leg, play, p.id)
	}
	return nil
}

func (l *Line) play(ctx context.Context, leg call.LegID, id string, media []string) error {
	return l.onChannel(ctx, request{
		op: "play", method: http.MethodPost, path: []string{"channels", string(leg), "play", id},
		body: map[string]any{"media": media}, once: true,
	})
}

// endLater stops a tone, which would never end by itself.
func (l *Line) endLater(leg call.LegID, play, id string) {
	l.book.later(leg, play, id, toneLength, func(p playing) {
		// If it can not be stopped it ends with the channel.
		_ = l.stop(context.Background(), leg, p)
	})
}

// substitute plays the tone in place of a file that could not be played, under
// the same Play, so that its end is told when the tone has ended.
func (l *Line) substitute(leg call.LegID, play string) {
	l.m.prompts.WithLabelValues("nothing").Inc()
	l.errands.Go(func() {
		id := playbackID(leg, play) + substituteSuffix
		if err := l.play(context.Background(), leg, id, []string{tone}); err != nil {
			l.ended(leg, play, now())
			return
		}
		l.endLater(leg, play, id)
	})
}

// ended tells the end of a Play, once.
func (l *Line) ended(leg call.LegID, play string, at call.At) {
	if l.book.played(leg, play) {
		l.deliver(leg, call.Played{At: at, Leg: leg, Play: play})
	}
}

// Quiet stops prompts and music of one party and returns when it is so.
func (l *Line) Quiet(ctx context.Context, leg call.LegID) error {
	if err := l.stopPlays(ctx, leg); err != nil {
		return err
	}
	music := true // of a leg that we know nothing of
	l.book.with(leg, func(c *channel) { music, c.music = c.music, false })
	if !music {
		return nil
	}
	err := l.onChannel(ctx, request{op: "music_off", method: http.MethodDelete, path: []string{"channels", string(leg), "moh"}})
	if err != nil {
		l.book.with(leg, func(c *channel) { c.music = true })
	}
	return err
}

// Music plays hold music to one party: music of its own channel goes on while
// no gateway runs, that of a bridge does not.
func (l *Line) Music(ctx context.Context, leg call.LegID) error {
	l.book.with(leg, func(c *channel) { c.music = true })
	return l.onChannel(ctx, request{op: "music", method: http.MethodPost, path: []string{"channels", string(leg), "moh"}})
}

// stopPlays stops all that is being played to a leg.
func (l *Line) stopPlays(ctx context.Context, leg call.LegID) error {
	for _, p := range l.book.heard(leg) {
		if err := l.stop(ctx, leg, p); err != nil {
			return err
		}
	}
	return nil
}

// stop stops one playback and waits for its end.
func (l *Line) stop(ctx context.Context, leg call.LegID, p playing) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	for {
		err := l.do(ctx, request{op: "stop", method: http.MethodDelete, path: []string{"playbacks", p.id}})
		wait := stopWait
		switch {
		case err == nil:
		case errors.Is(err, call.ErrGone):
			// It has ended; the event may still be on its way, or lost.
			l.ended(leg, p.play, now())
			return nil
		case status(err) == http.StatusInternalServerError:
			wait = stopRetry
		default:
			return err
		}
		if over(ctx, p.done, wait) {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("stop prompt %s: %w", p.play, ctx.Err())
		}
	}
}

// over waits for a signal, or less when the time is up.
func over(ctx context.Context, done <-chan struct{}, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}
