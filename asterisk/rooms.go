package asterisk

import "weibao/call"

// rooms are the bridges that this process knows of, and the calls that an
// earlier life began, whose rooms and recordings it does not know. What is
// known need not be asked for.
type rooms struct {
	made      map[string]struct{}
	inherited map[call.ID]struct{}
}

func newRooms() rooms {
	return rooms{made: make(map[string]struct{}), inherited: make(map[call.ID]struct{})}
}

// madeRoom notes that a bridge exists, or does not any more.
func (b *book) madeRoom(bridge string, exists bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if exists {
		b.rooms.made[bridge] = struct{}{}
		return
	}
	delete(b.rooms.made, bridge)
}

// inherit notes a call of an earlier life.
func (b *book) inherit(id call.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rooms.inherited[id] = struct{}{}
}

func (b *book) inherited(id call.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, is := b.rooms.inherited[id]
	return is
}

func (b *book) hasRoom(bridge string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, is := b.rooms.made[bridge]
	return is
}

// close forgets an earlier life's call that is over.
func (b *book) close(id call.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.rooms.inherited, id)
}
