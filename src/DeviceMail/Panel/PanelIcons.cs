namespace DeviceMail.Panel;

/// <summary>Pictures of the panel, as paths in a square of 24.</summary>
internal static class PanelIcons
{
    public const string Lock = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3";
    public const string Jobs = "M4 6.5l1.5 1.5L8 5M11 6.5h9M4 12.5l1.5 1.5L8 11M11 12.5h9M5 18.5h1.5M11 18.5h9";
    public const string Sliders = "M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0a2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0a2 2 0 1 0-4 0";
    public const string Onwards = "M9 5l7 7-7 7";
}
