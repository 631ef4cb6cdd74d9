# bash completion for trasloco                                        -*- shell-script -*-

# The accounts that stand in the job file itself.
_trasloco_account_names()
{
	local job=migrate.yaml word
	for word in "${COMP_WORDS[@]:2}"; do
		[[ $word == *.y?(a)ml && -f $word ]] && job=$word
	done
	sed -n -E "s/^ *(- *)?(\{ *)?name: *[\"']?([^\"'#,}]*[^\"'#,} ]).*/\3/p" "$job" 2>/dev/null
}

# Lines of standard input that begin with what was typed, for the shell.
_trasloco_lines()
{
	local line
	while IFS= read -r line; do
		[[ $line == "${cur//\\/}"* ]] && COMPREPLY+=("$(printf %q "$line")")
	done
}

_trasloco_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

# The value of an option; false when it takes none.
_trasloco_value()
{
	case $1 in
	--account) _trasloco_lines < <(_trasloco_account_names) ;;
	--lang) mapfile -t COMPREPLY < <(compgen -W "it en" -- "$cur") ;;
	--progress) mapfile -t COMPREPLY < <(compgen -W "auto bar plain json none" -- "$cur") ;;
	--of) mapfile -t COMPREPLY < <(compgen -W "plan run verify" -- "$cur") ;;
	--log | --wire-log | --html | --text | --csv | --plan | --out | -o) _trasloco_files -f ;;
	--json)
		[[ $command == report ]] || return 1
		_trasloco_files -f
		;;
	--export) _trasloco_files -d ;;
	--workers | --from | --to | --from-host | --to-host) ;;
	*) return 1 ;;
	esac
	return 0
}

_trasloco_options()
{
	local all="--lang --log --no-input --verbose --quiet --help --version"
	local moves="--account --failed-only --workers --progress --wire-log --json"
	case $1 in
	init) echo "--from --to --from-host --to-host $all" ;;
	login) echo "--account --forget --wire-log $all" ;;
	check) echo "$moves $all" ;;
	plan) echo "--out $moves $all" ;;
	run) echo "--plan --no-verify --again --dry-run $moves $all" ;;
	verify) echo "--deep $moves $all" ;;
	status) echo "--follow --account --json $all" ;;
	report) echo "--html --json --text --csv --of --account $all" ;;
	refused) echo "--export --retry --account --json $all" ;;
	accept) echo "--refused --altered --doubled --shrunk --account --json $all" ;;
	providers | schema) echo "--json $all" ;;
	esac
}

_trasloco_words()
{
	case $1 in
	providers) _trasloco_lines < <(trasloco providers --json 2>/dev/null | sed -n 's/^ *"id": "\(.*\)",\{0,1\}$/\1/p') ;;
	schema) ;;
	*)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(
			compgen -d -- "$cur"
			compgen -f -X '!*.yaml' -- "$cur"
			compgen -f -X '!*.yml' -- "$cur"
		)
		;;
	esac
}

_trasloco()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	# Readline takes --lang=it for three words.
	if [[ $cur == "=" ]]; then
		cur=
	elif [[ $prev == "=" && $COMP_CWORD -gt 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ $COMP_CWORD == 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "init login check plan run verify status report refused accept providers schema help --help --version" -- "$cur")
	elif [[ $command == help ]]; then
		[[ $COMP_CWORD == 2 ]] && mapfile -t COMPREPLY < <(compgen -W "init login check plan run verify status report refused accept providers schema" -- "$cur")
	elif _trasloco_value "$prev"; then
		:
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_trasloco_options "$command")" -- "$cur")
	else
		_trasloco_words "$command"
	fi
	return 0
}

complete -F _trasloco trasloco
