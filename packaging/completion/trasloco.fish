# fish completion for trasloco

# The command is the first word, always.
function __trasloco_first
    test (count (commandline -opc)) -eq 1
end

function __trasloco_in
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

# The accounts that stand in the job file itself.
function __trasloco_account_names
    set -l job migrate.yaml
    for word in (commandline -opc)[2..-1]
        string match -qr '\.ya?ml$' -- $word; and test -f $word; and set job $word
    end
    sed -n -E "s/^ *(- *)?(\{ *)?name: *[\"']?([^\"'#,}]*[^\"'#,} ]).*/\3/p" $job 2>/dev/null
end

function __trasloco_jobs
    __fish_complete_path (commandline -ct) | string match -r '.*(?:\.ya?ml|/)(?:\t.*)?$'
end

function __trasloco_providers
    trasloco providers --json 2>/dev/null | sed -n 's/^ *"id": "\(.*\)",\{0,1\}$/\1/p'
end

set -l all init login check plan run verify status report refused accept providers schema
set -l moves check plan run verify

complete -c trasloco -f

complete -c trasloco -n __trasloco_first -a init -d 'Write a job file'
complete -c trasloco -n __trasloco_first -a login -d 'Ask for passwords and keep them'
complete -c trasloco -n __trasloco_first -a check -d 'Try both sides, change nothing'
complete -c trasloco -n __trasloco_first -a plan -d 'The dry run'
complete -c trasloco -n __trasloco_first -a run -d 'Copy what is missing, and verify it'
complete -c trasloco -n __trasloco_first -a verify -d 'Compare both servers again'
complete -c trasloco -n __trasloco_first -a status -d 'Where every account stands'
complete -c trasloco -n __trasloco_first -a report -d 'The newest report as a file'
complete -c trasloco -n __trasloco_first -a refused -d 'What the new server refused'
complete -c trasloco -n __trasloco_first -a accept -d 'Seen, I can live with it'
complete -c trasloco -n __trasloco_first -a providers -d 'What is known of providers'
complete -c trasloco -n __trasloco_first -a schema -d 'The JSON Schema of the job file'
complete -c trasloco -n __trasloco_first -a help -d 'What a command does'
complete -c trasloco -n '__trasloco_in help' -a "$all"

complete -c trasloco -n '__trasloco_in login check plan run verify status report refused accept' -a '(__trasloco_jobs)'
complete -c trasloco -n '__trasloco_in init' -F
complete -c trasloco -n '__trasloco_in providers' -a '(__trasloco_providers)'

# For all
complete -c trasloco -l help -d 'Examples and options'
complete -c trasloco -l version -d 'The version'
complete -c trasloco -n "__trasloco_in $all" -l lang -x -a 'it en' -d 'Language'
complete -c trasloco -n "__trasloco_in $all" -l log -r -F -d 'Keep a log'
complete -c trasloco -n "__trasloco_in $all" -l no-input -d 'Ask nothing'
complete -c trasloco -n "__trasloco_in $all" -s v -l verbose -d 'Say more'
complete -c trasloco -n "__trasloco_in $all" -s q -l quiet -d 'No progress'

# For several
complete -c trasloco -n "__trasloco_in login $moves status report refused accept" -l account -x -a '(__trasloco_account_names)' -d 'Only this account'
complete -c trasloco -n "__trasloco_in $moves" -l failed-only -d 'Only what did not end well last time'
complete -c trasloco -n "__trasloco_in $moves" -l workers -x -d 'So many connections at once'
complete -c trasloco -n "__trasloco_in $moves" -l progress -x -a 'auto bar plain json none' -d 'How progress is shown'
complete -c trasloco -n "__trasloco_in login $moves" -l wire-log -r -F -d 'What is said to the servers'
complete -c trasloco -n "__trasloco_in $moves status refused accept providers schema" -l json -d 'As a document'

# Their own
complete -c trasloco -n '__trasloco_in init' -l from -x -d 'The old mailbox'
complete -c trasloco -n '__trasloco_in init' -l to -x -d 'The new mailbox'
complete -c trasloco -n '__trasloco_in init' -l from-host -x -d 'The old server'
complete -c trasloco -n '__trasloco_in init' -l to-host -x -d 'The new server'
complete -c trasloco -n '__trasloco_in login' -l forget -d 'Remove what was kept'
complete -c trasloco -n '__trasloco_in plan' -s o -l out -r -F -d 'A plan to be edited'
complete -c trasloco -n '__trasloco_in run' -l plan -r -F -d 'Do what this plan says'
complete -c trasloco -n '__trasloco_in run' -l no-verify -d 'Copy only'
complete -c trasloco -n '__trasloco_in run' -l again -d 'Copy anew what is gone at the target'
complete -c trasloco -n '__trasloco_in run' -l dry-run -d 'The same as plan'
complete -c trasloco -n '__trasloco_in verify' -l deep -d 'Every byte of every message'
complete -c trasloco -n '__trasloco_in status' -l follow -d 'Again every second'
complete -c trasloco -n '__trasloco_in report' -l json -r -F -d 'As a document'
complete -c trasloco -n '__trasloco_in report' -l text -r -F -d 'As text'
complete -c trasloco -n '__trasloco_in report' -l html -r -F -d 'As a page'
complete -c trasloco -n '__trasloco_in report' -l csv -r -F -d 'As a table'
complete -c trasloco -n '__trasloco_in report' -l of -x -a 'plan run verify' -d 'Of the newest one of this kind'
complete -c trasloco -n '__trasloco_in refused' -l export -x -a '(__fish_complete_directories)' -d 'Copy the messages there'
complete -c trasloco -n '__trasloco_in refused' -l retry -d 'Send them again'
complete -c trasloco -n '__trasloco_in accept' -l refused -d 'What the new server refused'
complete -c trasloco -n '__trasloco_in accept' -l altered -d 'What it changed'
complete -c trasloco -n '__trasloco_in accept' -l doubled -d 'What it stored twice'
complete -c trasloco -n '__trasloco_in accept' -l shrunk -d 'A mailbox that holds far less than before'
