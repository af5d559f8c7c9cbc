r"""The telephone network in a box: a carrier that speaks Twilio's wire, without Twilio.

It is a program of its own and imports nothing of the service. The service under it is told `TWILIO_API_BASE` and
cannot see a difference: signed webhooks come in, its TwiML is run strictly, its REST calls are answered or refused in
Twilio's words. Phones at the other end are people at `/phone`, browser softphones (`/device.js`) or scripts.
Browsers in one room hear each other's microphones (`hearing.py`).

As a process
------------
::

    python -m ivr.simulator --host 127.0.0.1 --port 0 --port-file run/simulator.port \
        --account-sid AC… --auth-token … --api-key SK… --api-secret … --number +861052728000 \
        --voice-url http://127.0.0.1:8000/voice/incoming --fallback-url http://127.0.0.1:8000/voice/fallback \
        --sms-url http://127.0.0.1:8000/voice/text --status-url http://127.0.0.1:8000/voice/status --app-sid AP… --app-voice-url http://127.0.0.1:8000/voice/client \
        --allowed-origin http://127.0.0.1:8000 --clock real

Each option may come from the environment instead: `SIMULATOR_ACCOUNT_SID`, `SIMULATOR_VOICE_URL`, …

In a test
---------
::

    from ivr.simulator import Network

    with Network(clock="manual", instant_speech=True) as network:   # own HTTP server on a free port
        network.base_url                # give it to the service as TWILIO_API_BASE
        network.account                 # .sid .auth_token .api_key .api_secret .app_sid .numbers
        network.number                  # the first of the hotline's numbers
        network.serves("http://127.0.0.1:5000")   # where the service is: /voice/incoming, /fallback, /status, /client
        network.point_to(voice_url=…, fallback_url=…, status_url=…, app_voice_url=…)   # or each by itself

        phone = network.phone("+8613800138000")        # a telephone; made on first mention
        phone.texts("QX")                              # writes a text message to network.number
        call = phone.calls()                           # calls network.number; phone.calls("+86…") another one
        call.hears("欢迎", within_s=5)                  # waits for a prompt *after* the one last heard; fails loudly
        call.presses("1").presses("12#")
        call.speaks(8)                                 # voice for 8 s, then silence (for Record)
        call.says("refund please")                     # recognised speech (for Gather input="speech")
        call.hangs_up()
        call.ends(within_s=5)                          # waits until the carrier has ended the leg
        call.sid, call.state, call.over                # CallSid; queued ringing in-progress completed busy …; bool
        call.transcript                                # [Heard(at, kind, text, language, voice, url, interrupted, …)]
        call.heard("欢迎"), call.text                   # so far, without waiting
        call.room, call.in_room_with                   # conference name; addresses of the parties it can talk with
        call.meets(other_call, within_s=5)             # waits until both hear each other

        desk = network.phone("+861088880001")          # reached by REST or Dial
        desk.rings(within_s=5).answers()               # → the call, as above;  .declines()
        desk.behaves("answer", after_s=2, keys="1")    # or "busy", "decline", "no-answer", "voicemail"; "manual"
        network.phone("anonymous")                     # withheld, "sip:ann@example.org", any garbage caller id

        agent = network.client("agent_1")              # browser softphone; token=… to bring the service's own
        agent.registers();  agent.unregisters()
        call = agent.connects({"offer": "…"})          # asks the application's VoiceUrl, From=client:agent_1
        agent.rings().answers()

        network.clock.advance(15)                      # manual clock: time passes only here, step by step, and
                                                       # every webhook due is answered before it returns
        network.clock.set_factor(20)                   # twenty times faster than life
        network.settle()                               # waits until no webhook is under way and nothing is due
        network.wait_until(lambda: …, within_s=5, what="…")

        network.ledger.entries(kind="webhook", leg=call.sid)   # everything on the wire, oldest first (dicts)
        network.violations()                           # [] when every signed voice webhook got 200, TwiML, < 3 s
        network.faults.add("duplicate", p=0.5, parallel=True)  # see faults.py for all kinds;  .clear()
        network.now(), network.live_legs()             # the network's date; legs that have not ended
        network.rest                                   # the network's own objects: .legs .rooms .messages .recordings

Time-outs named `within_s` are real seconds; everything else runs on the network's clock.

Over HTTP (other processes, the phone page)
-------------------------------------------
`/control/…`, JSON; see `control.py`. `/phone` is the page, `/device.js` the softphone. Browsers of other origins than
`--allowed-origin` are refused.
"""

from __future__ import annotations

from ivr.simulator.account import Account
from ivr.simulator.handsets import Call, Client, Phone, ScriptFailed
from ivr.simulator.script import Network

__all__ = ["Account", "Call", "Client", "Network", "Phone", "ScriptFailed"]
