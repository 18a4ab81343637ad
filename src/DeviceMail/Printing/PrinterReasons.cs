namespace DeviceMail.Printing;

/// <summary>
/// What printer-state-reasons mean, in plain words: the registered keywords of RFC 8011 5.4.12, and those of PWG 5100.9 and 5100.13 that a person can do
/// something about.
/// </summary>
internal static class PrinterReasons
{
    private static readonly string[] _severities = ["-error", "-warning", "-report"];

    private static readonly Dictionary<string, string> Words = new()
    {
        ["connecting-to-device"] = "it is connecting to its printing part",
        ["cover-open"] = "a cover is open",
        ["developer-empty"] = "the developer is used up",
        ["developer-low"] = "the developer is low",
        ["door-open"] = "a door is open",
        ["fuser-over-temp"] = "the fuser is too hot",
        ["fuser-under-temp"] = "the fuser is not hot enough yet",
        ["input-tray-missing"] = "a paper tray is missing",
        ["interlock-open"] = "a safety lock is open",
        ["interpreter-resource-unavailable"] = "it lacks something to read the document with, such as a font",
        ["marker-supply-empty"] = "ink or toner is used up",
        ["marker-supply-low"] = "ink or toner is low",
        ["marker-waste-almost-full"] = "the waste container is almost full",
        ["marker-waste-full"] = "the waste container is full",
        ["media-empty"] = "it is out of paper",
        ["media-jam"] = "paper is jammed",
        ["media-low"] = "paper is low",
        ["media-needed"] = "it asks for paper",
        ["moving-to-paused"] = "it is being paused",
        ["opc-life-over"] = "the drum is worn out",
        ["opc-near-eol"] = "the drum is almost worn out",
        ["other"] = "it has a reason that it does not name",
        ["output-area-almost-full"] = "the output tray is almost full",
        ["output-area-full"] = "the output tray is full",
        ["output-tray-missing"] = "the output tray is missing",
        ["paused"] = "it is paused",
        ["shutdown"] = "it is switched off or shutting down",
        ["spool-area-full"] = "its memory for jobs is full",
        ["stopped-partly"] = "a part of it is stopped",
        ["stopping"] = "it is stopping",
        ["timed-out"] = "it cannot reach its printing part",
        ["toner-empty"] = "toner is used up",
        ["toner-low"] = "toner is low",
        ["cleaner-life-over"] = "the cleaning unit is worn out",
        ["configuration-change"] = "its settings were changed",
        ["deactivated"] = "it is out of service",
        ["fuser-life-over"] = "the fuser is worn out",
        ["hibernate"] = "it sleeps",
        ["hold-new-jobs"] = "it holds new jobs",
        ["identify-printer-requested"] = "somebody asked it to show itself",
        ["input-cannot-feed-size-selected"] = "no tray holds paper of this size",
        ["input-manual-input-request"] = "it waits for paper to be put in by hand",
        ["input-media-size-change"] = "paper of another size was put in",
        ["input-tray-position-failure"] = "a paper tray is not pushed in",
        ["marker-developer-empty"] = "the developer is used up",
        ["marker-ink-almost-empty"] = "ink is low",
        ["marker-ink-empty"] = "ink is used up",
        ["marker-toner-cartridge-missing"] = "a toner cartridge is missing",
        ["marker-toner-empty"] = "toner is used up",
        ["marker-waste-ink-receptacle-almost-full"] = "the waste ink box is almost full",
        ["marker-waste-ink-receptacle-full"] = "the waste ink box is full",
        ["marker-waste-toner-receptacle-almost-full"] = "the waste toner box is almost full",
        ["marker-waste-toner-receptacle-full"] = "the waste toner box is full",
        ["power-down"] = "it is switching off",
        ["power-up"] = "it is starting",
        ["printer-manual-reset"] = "it was reset by hand",
        ["resuming"] = "it is starting again",
        ["subunit-empty"] = "a supply is used up",
        ["subunit-full"] = "a container is full",
        ["subunit-life-almost-over"] = "a part is almost worn out",
        ["subunit-life-over"] = "a part is worn out",
        ["subunit-missing"] = "a part is missing",
        ["subunit-recoverable-failure"] = "a part failed and recovers",
        ["subunit-unrecoverable-failure"] = "a part failed and needs service",
        ["testing"] = "it is testing itself",
        ["wifi-not-configured"] = "its Wi-Fi is not set up",
    };

    /// <summary>The words of each reason, once; "none" has none. A keyword that is not known is quoted.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> keywords) => [.. keywords.Where(keyword => keyword is not ("none" or "none-report")).Select(Of).Distinct()];

    private static string Of(string keyword)
    {
        if (Words.TryGetValue(keyword, out var words)) return words;
        var severity = Array.Find(_severities, end => keyword.EndsWith(end, StringComparison.Ordinal)) ?? "";
        return Words.TryGetValue(keyword[..^severity.Length], out words) ? words : $"it reports “{keyword}”";
    }
}
