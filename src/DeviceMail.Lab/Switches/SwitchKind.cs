namespace DeviceMail.Lab.Switches;

public enum SwitchKind
{
    OnOff,
    Number,

    /// <summary>A number, or empty for "left out".</summary>
    NumberOrNothing,
    Choice,
    Text,
}
