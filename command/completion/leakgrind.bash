# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of the command leakgrind in bash.

# The numbers of the processes that run under leakgrind.
_leakgrind_processes()
{
    local file words
    for file in /proc/[0-9]*/cmdline; do
        words=
        { read -r words < <(tr '\0' ' ' <"$file"); } 2>/dev/null
        case $words in
            *valgrind*" --tool=leakgrind "*) file=${file%/cmdline}; echo "${file##*/}" ;;
        esac
    done
}

_leakgrind()
{
    local commands="run report diff baseline why snap watch"
    local view="--own --full-names --all-frames --no-source --debug-directory
        --no-symbols"
    local formats="--text --html --json --sarif --junit --github --folded --speedscope
        --callgrind --sqlite"
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} first=2 options i

    COMPREPLY=()
    # What follows an = is the value of the option before it.
    if [[ $cur == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 1]} cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then
        COMPREPLY=($(compgen -W "$commands" -c -- "$cur"))
        [[ $cur == */* ]] && COMPREPLY=($(compgen -f -- "$cur"))
        return
    fi
    case $command in
        run) ;;
        report) options="$formats --output $view" ;;
        diff) options="--json --all $view" ;;
        baseline) options="--check --baseline $view" ;;
        why) options="--all $view" ;;
        snap) options="--label" ;;
        watch) options="--interval --count --own" ;;
        *) command=run first=1 ;;
    esac
    if [[ $command == run ]]; then
        options="--out-file --own --full-names --exit-code --who --valgrind-option
            --no-children --verbose --keep-log"
        for ((i = first; i < COMP_CWORD; i++)); do
            case ${COMP_WORDS[i]} in
                --out-file | --own | --exit-code | --who | --valgrind-option)
                    [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
                    ((i++)) ;;
                -*) ;;
                *)
                    # The program's own arguments.
                    if declare -F _command_offset >/dev/null; then
                        _command_offset "$i"
                    else
                        COMPREPLY=($(compgen -f -- "$cur"))
                    fi
                    return ;;
            esac
        done
    fi
    case $prev in
        --out-file | --own | --output | -o | --baseline | --debug-directory)
            COMPREPLY=($(compgen -f -- "$cur"))
            return ;;
        --exit-code | --who | --valgrind-option | --label | --interval | --count) return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options --help" -- "$cur"))
        return
    fi
    case $command in
        run) COMPREPLY=($(compgen -c -f -- "$cur")) ;;
        snap | watch) COMPREPLY=($(compgen -W "$(_leakgrind_processes)" -- "$cur")) ;;
        *) COMPREPLY=($(compgen -f -- "$cur")) ;;
    esac
}

complete -o filenames -F _leakgrind leakgrind
