namespace DeviceMail.Lab.Switches;

/// <summary>One row of the table of switches: the page, the JSON calls and the manual are made from it.</summary>
public sealed record LabSwitch(string Name, string Title, string Explanation, SwitchKind Kind)
{
    public string Group { get; init; } = "";
    public IReadOnlyList<string> Choices { get; init; } = [];
    public required Func<LabSwitches, string> Read { get; init; }

    /// <summary>Sets the value from text; false when the text is not understood, and nothing has changed then.</summary>
    public required Func<LabSwitches, string, bool> Write { get; init; }
}
