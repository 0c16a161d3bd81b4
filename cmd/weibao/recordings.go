package main

import (
	"context"
	"path/filepath"
	"time"

	"weibao/asterisk"
	"weibao/call"
	"weibao/configs"
	"weibao/cti"
	"weibao/record"
	"weibao/record/vault"
)

// openArchive opens the keys of the recordings, which are made at the first
// start, and puts together what looks after the recordings.
func (a *App) openArchive() error {
	to, log := a.settings.Record, a.log.With("component", "recordings")
	keys, made, err := vault.OpenKeys(to.ArchiveKey, vault.Cipher(to.Cipher))
	if err != nil {
		return err
	}
	if made {
		log.Warn("录音密钥已经生成，请马上另存一份，和录音分开放：丢了它，录音就再也听不了 (a key for the recordings was made: keep a copy apart)",
			"file", to.ArchiveKey, "key", keys.Name())
	}
	signer, made, err := record.OpenSigner(to.PurgeKey)
	if err != nil {
		return err
	}
	if made {
		log.Warn("销毁记录的签名密钥已经生成，请把公钥抄到别处 (a key that signs purges was made: note the public key elsewhere)",
			"file", to.PurgeKey, "public", signer.Public())
	}
	folders := [...]string{a.settings.Asterisk.Recordings, to.Archive, to.ArchiveSecond}
	for i := range folders {
		if folders[i], err = filepath.Abs(folders[i]); err != nil {
			return err
		}
	}
	a.archive = record.NewArchive(record.ArchiveOptions{
		Registry: a.registry, Store: a.store, Keys: keys, Signer: signer,
		Plain: []string{folders[0], asterisk.SecondFolder(folders[0])}, Sealed: folders[1:],
		Live: a.live, Keeping: func() record.Keeping { return keepingOf(a.holder.Now().Recordings) },
		Node: "gateway " + string(a.settings.Node), Log: log,
	})
	return nil
}

func keepingOf(r configs.Recordings) record.Keeping {
	return record.Keeping{Usual: r.Keep, ByKind: r.KeepLonger, Sensitive: r.Sensitive, Ask: r.Ask, Listen: r.Listen}
}

// keepRecordings looks after the recordings as soon as it is known which calls
// are not over.
func (a *App) keepRecordings(ctx context.Context) {
	select {
	case <-a.line.Ready():
		a.archive.Run(ctx)
	case <-ctx.Done():
	}
}

// noticeRecording is the kind of notice that tells of the recording of a call.
const noticeRecording = "recording"

// recordingFails tells supervisors; the record of the call says it, too.
func (a *App) recordingFails(id call.ID, what string) {
	a.hub.Notify(cti.Notice{At: time.Now(), Kind: noticeRecording, Call: id, Say: what})
}
