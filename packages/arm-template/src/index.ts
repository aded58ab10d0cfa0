/** Templates of Azure Resource Manager: their expressions, and what they come to. */
export {}
